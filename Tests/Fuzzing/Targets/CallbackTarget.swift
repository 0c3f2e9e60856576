import ConnectService
import Connections
import Integrations
import OAuth
import StateTokens

/// A callback's query or form: read as another reader reads it, and worth nothing without a state of ours.
struct CallbackTarget: FuzzTarget {
    private let deployment: FuzzDeployment
    private let good: Set<String>

    init() throws {
        deployment = try FuzzDeployment()
        var state = FlowState(
            issuedAt: FuzzKeys.start, integrationID: "sample",
            fingerprint: try deployment.configured("sample")?.fingerprint() ?? 0,
            workspaceID: FuzzDeployment.workspaceID, redirectURI: FuzzDeployment.redirectURIs[0],
            codeVerifier: CodeVerifier(octets: Array(0..<32)))
        let direct = try deployment.codec.encode(
            state, key: KeyID(rawValue: 1), iv: [UInt8](repeating: 1, count: 16))
        state.binding = Binding(octets: Array(32..<64))
        let confirmed = try deployment.codec.encode(
            state, key: KeyID(rawValue: 1), iv: [UInt8](repeating: 2, count: 16))
        good = [direct.text, confirmed.text]
    }

    mutating func read(_ input: [UInt8]) throws -> Count {
        let parameters = try? CallbackParameters.parse(input)
        if let parameters {
            expect(input.count <= CallbackParameters.byteCountLimit)
            let fields = PlainForm.fields(input)
            for (name, value) in [
                ("state", parameters.state), ("iss", parameters.issuer), ("error", parameters.error),
            ] {
                let plain = fields.filter { $0.name.elementsEqual(name.utf8) }
                expect(plain.count <= 1, "`\(name)` comes twice")
                let text = String(decoding: plain.first?.value ?? [], as: UTF8.self)
                expect(text == value ?? "", "`\(name)` differs")
            }
        }
        switch deployment.verify.verifyNow(input, integrationID: "sample") {
        case .refused: break
        case .ended(let destination, let failure):
            try expectOurs(parameters, destination)
            expect(failure.code.utf8.allSatisfy { (0x21...0x7e).contains($0) })
            if case .provider(code: let code, description: let description) = failure {
                expect(code.utf8.allSatisfy { (0x21...0x7e).contains($0) })
                expect((description ?? "").utf8.allSatisfy { $0 != 0x22 && $0 != 0x5c && $0 >= 0x20 })
            }
        case .authorized(let flow):
            try expectOurs(parameters, flow.destination)
            expect(!flow.grant.code.isEmpty)
        case .handedOver(let destination, _): try expectOurs(parameters, destination)
        case .asked(let question): try expectOurs(parameters, question.destination)
        }
        return parameters == nil ? .refused : .accepted
    }

    mutating func mutated(_ input: [UInt8], with random: inout FuzzRandom) -> [UInt8]? {
        guard random.below(4) == 0 else { return nil }
        let state = good.sorted()[random.below(good.count)]
        return input + Array("&state=\(state)".utf8)
    }

    private func expectOurs(_ parameters: CallbackParameters?, _ destination: FlowDestination) throws {
        expect(parameters?.state.map(good.contains) == true, "not a state of ours")
        expect(destination.redirectURI == FuzzDeployment.redirectURIs[0])
    }
}

/// A form read the plain way, escapes and all, without saying what is wrong with it.
private enum PlainForm {
    static func fields(_ octets: [UInt8]) -> [(name: [UInt8], value: [UInt8])] {
        octets.split(separator: UInt8(ascii: "&")).map { part in
            let name = part.prefix { $0 != UInt8(ascii: "=") }
            return (decoded(Array(name)), decoded(Array(part.dropFirst(name.count + 1))))
        }
    }

    private static func decoded(_ octets: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var rest = octets[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "%") else {
                output.append(octet == UInt8(ascii: "+") ? 0x20 : octet)
                continue
            }
            // Digits only: the initialiser takes a sign, too. A stray percent sign stays.
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard rest.count >= 2, digits.allSatisfy(\.isHexDigit), let value = UInt8(digits, radix: 16)
            else {
                output.append(octet)
                continue
            }
            output.append(value)
            rest = rest.dropFirst(2)
        }
        return output
    }
}
