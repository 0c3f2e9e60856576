internal import ConnectPages

extension PageResponse {
    var answer: CompleteResponse { CompleteResponse(status, ResponseHeader(headers), octets: octets) }
}
