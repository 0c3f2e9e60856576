internal import ConnectPages
internal import Hummingbird

extension PageResponse {
    var answer: Answer { Answer(status, AnswerHeader(headers), octets: octets) }

    /// For Hummingbird.
    var response: Response { answer.response }
}
