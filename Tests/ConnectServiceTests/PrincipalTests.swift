import Access
import ConnectService
import Testing

@Suite("Principal") struct PrincipalTests {
    private func principal(
        _ workspaceIDs: [String], _ permissions: Set<Permission> = Set(Permission.allCases)
    ) -> Principal {
        Principal(credentialID: "key_1", workspaceIDs: workspaceIDs, permissions: permissions)
    }

    @Test func `the only workspace need not be chosen`() throws {
        #expect(try principal(["wsp_a"]).workspaceID(choosing: nil) == "wsp_a")
        #expect(try principal(["wsp_a"]).workspaceID(choosing: "wsp_a") == "wsp_a")
        #expect(try principal(["wsp_a", "wsp_b"]).workspaceID(choosing: "wsp_b") == "wsp_b")
    }

    @Test func `of several workspaces one has to be chosen`() {
        #expect(throws: AccessError.workspaceRequired) {
            try principal(["wsp_a", "wsp_b"]).workspaceID(choosing: nil)
        }
    }

    @Test(arguments: ["wsp_c", "", " ", "WSP_A", "wsp_a ", "wsp_", "wsp_a,wsp_b", "*", "wsp_a\0", "wsp_a/"])
    func `S22 a workspace that the credential does not open is denied`(_ chosen: String) {
        #expect(throws: AccessError.workspaceDenied) {
            try principal(["wsp_a", "wsp_b"]).workspaceID(choosing: chosen)
        }
        #expect(throws: AccessError.workspaceDenied) {
            try principal(["wsp_a"]).workspaceID(choosing: chosen)
        }
    }

    @Test func `S22 a credential without workspaces opens none`() {
        #expect(throws: AccessError.workspaceDenied) { try principal([]).workspaceID(choosing: nil) }
        #expect(throws: AccessError.workspaceDenied) { try principal([]).workspaceID(choosing: "wsp_a") }
    }

    @Test func `S22 a name that Unicode calls equivalent is another workspace`() {
        #expect(throws: AccessError.workspaceDenied) {
            try principal(["wsp_K"]).workspaceID(choosing: "wsp_\u{212a}")
        }
    }

    @Test(arguments: Permission.allCases)
    func `a permission is granted by its own name only`(_ permission: Permission) throws {
        try principal(["wsp_a"], [permission]).require(permission)
        #expect(throws: AccessError.permissionDenied(permission)) {
            try principal(["wsp_a"], Set(Permission.allCases).subtracting([permission])).require(permission)
        }
    }
}
