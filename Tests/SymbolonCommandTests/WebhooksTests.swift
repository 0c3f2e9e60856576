import TestSupport
import Testing

@Suite("symbolon webhooks list, replay and drop") struct WebhooksTests {
    let folder: TemporaryFolder
    let store: StoreSamples

    /// One that waits, one that was given up, one whose text is damaged, and one of which only a count is.
    init() async throws {
        folder = try TemporaryFolder()
        store = try StoreSamples(in: folder)
        try await folder.tamper(
            """
            INSERT INTO webhook_messages (id, workspace_id, url, subject, type, body, created_at_ms, attempts, next_at_ms,
                last_error)
            VALUES ('msg_waits', 'wsp_1', 'https://a.example', 'conn_1', 'connection.created', '{}', 1, 0, 1, NULL),
                ('msg_dead', 'wsp_1', 'https://a.example', 'conn_2', 'connection.created', '{}', 1, 10, NULL, 'status 500'),
                ('msg_torn', 'wsp_1', 'https://a.example', 'conn_3', 'connection.created', CAST(x'ff' AS TEXT), 1, 1,
                    NULL, 'unreadable: column body is not UTF-8'),
                ('msg_count', 'wsp_2', 'https://a.example', 'conn_4', 'connection.created', '{}', 1, -1, NULL, NULL);
            """)
    }

    private func run(_ arguments: String...) async throws -> CommandRun {
        try await CommandRun(["webhooks"] + arguments + ["--store", "sqlite:store.sqlite"], in: folder)
    }

    private func listed(_ arguments: String...) async throws -> [String: String] {
        let run = try await CommandRun(
            ["webhooks", "list", "--json"] + arguments + ["--store", "sqlite:store.sqlite"], in: folder)
        let rows = try run.json["data"] as? [[String: Any]] ?? []
        return Dictionary(
            uniqueKeysWithValues: rows.compactMap { row in
                (row["id"] as? String).map { ($0, row["last_error"] as? String ?? "") }
            })
    }

    @Test func `a message that cannot be read is listed with its reason, and in its own workspace`()
        async throws
    {
        let torn = "unreadable: column body is not UTF-8"
        #expect(
            try await listed("--dead") == [
                "msg_dead": "status 500", "row-3": torn,
                "row-4": "unreadable: column attempts is out of range",
            ])
        #expect(try await listed().count == 4)
        #expect(try await listed("--dead", "--workspace", "wsp_1").keys.sorted() == ["msg_dead", "row-3"])
        let table = try await run("list").output
        #expect(table.contains("row-3") && table.contains(torn))
    }

    @Test func `it is sent if its text is whole, and else says what to do`() async throws {
        let whole = try await run("replay", "row-4")
        #expect(whole.status == 0 && whole.errors.contains("1 message due now"), "\(whole.everything)")
        #expect(try await listed("--dead").keys.sorted() == ["msg_dead", "row-3"])
        let all = try await run("replay", "--dead")
        #expect(all.status == 1 && all.errors.contains("1 message due now"), "\(all.everything)")
        #expect(all.errors.contains("row-3 cannot be read (column body is not UTF-8)"))
        #expect(all.errors.contains("symbolon webhooks drop row-3"))
        #expect(try await listed("--dead").keys.sorted() == ["row-3"])
    }

    @Test func `what was given up can be dropped, and what waits cannot`() async throws {
        let run = try await run("drop", "row-3", "msg_waits", "msg_none", "row-99")
        #expect(run.status == 1 && run.errors.contains("1 webhooks were dropped"), "\(run.everything)")
        #expect(run.errors.contains("msg_waits was not given up"))
        #expect(run.errors.contains("no webhook msg_none") && run.errors.contains("no webhook row-99"))
        #expect(try await listed().keys.sorted() == ["msg_dead", "msg_waits", "row-4"])
        #expect(try await self.run("drop", "--dead").status == 0)
        #expect(try await listed().keys.sorted() == ["msg_waits"])
    }

    @Test(arguments: [["drop"], ["drop", "row-1", "--dead"], ["drop", "row-1", "--workspace", "wsp_1"]])
    func `it must be said which`(_ arguments: [String]) async throws {
        let run = try await CommandRun(
            ["webhooks"] + arguments + ["--store", "sqlite:store.sqlite"], in: folder)
        #expect(run.status == 2)
    }
}
