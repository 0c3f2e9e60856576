import Integrations
import OAuth
import Testing

/// The vectors are published ones: a secret of `hush`, and the parameters of the provider's own example.
@Suite("A signed callback") struct CallbackSignatureTests {
    private static let good =
        "code=0907a61c0c8d55e99db179b68161bc00&hmac=4712bf92ffc2917d15a2f5a273e39f0116667419aa4b6ac0b3baaf26fa3c4d20"
        + "&shop=some-shop.myshopify.com&timestamp=1337178173"
    private static let withState =
        "code=0907a61c0c8d55e99db179b68161bc00&hmac=700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf"
        + "&shop=some-shop.myshopify.com&state=0.6784241404160823&timestamp=1337178173"

    private func isAccepted(
        _ query: String, secret: String = "hush", shop: String = "some-shop"
    ) throws -> Bool {
        let integration = try sample(id: "shopify", secret: secret)
        let parameters = try CallbackParameters.parse(Array(query.utf8))
        do throws(IssuerError) {
            try IssuerCheck.verify(
                parameters, for: integration, endpoints: try endpoints(integration, shop))
            return true
        } catch {
            #expect(error == .unsigned)
            return false
        }
    }

    private func endpoints(
        _ integration: ConfiguredIntegration, _ shop: String
    ) throws(IssuerError) -> Endpoints {
        do throws(ParameterError) {
            return try integration.endpoints(parameters: ["shop": shop])
        } catch {
            throw .mismatch
        }
    }

    @Test(arguments: [good, withState]) func `the published vectors hold, in any order`(_ query: String)
        throws
    {
        #expect(try isAccepted(query))
        let reversed = query.split(separator: "&").reversed().joined(separator: "&")
        #expect(try isAccepted(reversed))
        #expect(try isAccepted(query.replacing("hmac=4712bf", with: "hmac=4712BF")))
    }

    @Test func `S07 any change, addition or loss is refused`() throws {
        for query in [Self.good, Self.withState] {
            let pairs = query.split(separator: "&")
            for index in pairs.indices {
                var fewer = pairs
                fewer.remove(at: index)
                #expect(try !isAccepted(fewer.joined(separator: "&")), "without \(pairs[index])")
                var changed = pairs.map(String.init)
                let last = changed[index].removeLast()
                changed[index].append(last == "0" ? "1" : "0")
                #expect(try !isAccepted(changed.joined(separator: "&")), "\(changed[index])")
            }
            for more in ["&a=b", "&hmac2=x", "&timestamp2=1", "&host=x"] {
                #expect(try !isAccepted(query + more))
            }
            #expect(try !isAccepted(query.replacing("hmac=", with: "hmac=00")))
            #expect(try !isAccepted(query.replacing("hmac=", with: "hmac=g")))
            #expect(try !isAccepted(query, secret: "hush!"))
        }
        #expect(try !isAccepted(Self.good + "&hmac=00"))
    }

    @Test func `S19 another shop than the flow's is refused, though its signature holds`() throws {
        #expect(try !isAccepted(Self.good, shop: "other-shop"))
    }

    @Test func `an error may come without a signature, and with a wrong one may not`() throws {
        #expect(try isAccepted("error=access_denied&state=a"))
        #expect(try !isAccepted("error=access_denied&state=a&hmac=00"))
        #expect(try !isAccepted("error=access_denied&shop=other.myshopify.com&state=a"))
    }

    @Test func `a secret longer than a block is hashed first`() throws {
        let secret = String(repeating: "k", count: 65)
        // python3: hmac.new(b"k" * 65, b"code=a&shop=some-shop.myshopify.com", "sha256").hexdigest()
        let query =
            "code=a&shop=some-shop.myshopify.com&hmac=b21b06bd06a24aa326658d5cb01c12469a001025c8d1b8220ae75a57739d60c9"
        #expect(try isAccepted(query, secret: secret))
    }

    @Test func `without a signature in the entry nothing is asked for`() throws {
        let integration = try sample()
        let parameters = try CallbackParameters.parse(Array("code=a&hmac=00".utf8))
        try IssuerCheck.verify(parameters, for: integration, endpoints: integration.endpoints())
    }
}
