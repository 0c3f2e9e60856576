import Foundation
import Testing

@testable import ConnectAPI

@Suite("FastAPI's answers") struct FastAPIConformanceTests {
    @Test(arguments: try ValidationCase.load())
    func `a body gets the answer that FastAPI gives`(_ validation: ValidationCase) throws {
        let answer = InitiateRequest.answer(to: validation.body, contentType: validation.contentType)
        if let accepted = validation.accepted {
            #expect(validation.status == 200)
            #expect(answer == .success(InitiateRequest(accepted)))
        } else {
            #expect(validation.status == 422)
            #expect(answer == .failure(RequestValidationError(validation.issues)))
        }
    }

    @Test func `the table refuses more than it accepts, and has no status but 200 and 422`() throws {
        let cases = try ValidationCase.load()
        #expect(cases.count > 1000)
        #expect(Set(cases.map(\.status)) == [200, 422])
        #expect(cases.count { $0.status == 422 } > 4 * cases.count { $0.status == 200 })
        #expect(cases.allSatisfy { $0.detail.isEmpty == ($0.status == 200) })
    }

    @Test(arguments: try ValidationCase.load().filter { $0.status == 422 })
    func `the error's octets hold the same items`(_ validation: ValidationCase) throws {
        guard
            case .failure(let error) = InitiateRequest.answer(
                to: validation.body, contentType: validation.contentType)
        else {
            Issue.record("accepted")
            return
        }
        struct Answer: Decodable { let detail: [ValidationCase.Item] }
        let answer = try JSONDecoder().decode(Answer.self, from: Data(error.json))
        let described = answer.detail.map { "\($0.loc) \($0.msg) \($0.type)" }
        #expect(described == validation.detail.map { "\($0.loc) \($0.msg) \($0.type)" })
    }
}
