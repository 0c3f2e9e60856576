import Testing

@testable import Keyrings

@Suite("MountTable") struct MountTableTests {
    private let table = MountTable(
        """
        21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
        36 21 0:31 /keys/state.keyring /etc/symbolon/state.keyring ro,relatime - tmpfs tmpfs rw,size=4k
        37 21 0:32 / /mnt/with\\040space\\134 rw - tmpfs tmpfs rw
        38 21 0:33 / /mnt/short\\04 rw - tmpfs tmpfs rw
        broken line

        """)

    @Test(arguments: ["/", "/etc/symbolon/state.keyring", #"/mnt/with space\"#, #"/mnt/short\04"#])
    func `a mount point is one`(_ path: String) { #expect(table.isMountPoint(path)) }

    @Test(arguments: ["/etc/symbolon", "/keys/state.keyring", "/etc/symbolon/state.keyring/", "line", ""])
    func `anything else is none`(_ path: String) { #expect(!table.isMountPoint(path)) }

    @Test func `the system's own table has the root`() { #expect(MountTable.current().isMountPoint("/")) }
}
