internal import ConnectPages

extension PageResponse {
    var answer: Answer { Answer(status, AnswerHeader(headers), octets: octets) }
}
