extension String {
    /// Refuses the keyring itself where its file is meant.
    ///
    /// The text is not repeated: it has the keys in it.
    func checkIsNoKeyring(option: String = "--keyring") throws(CommandError) {
        guard first(where: { !$0.isWhitespace }) == "{" else { return }
        throw CommandError(
            .usage,
            "\(option) takes a file, and was given the keys themselves. A command line can be seen by others "
                + "on this machine: if the keys are in use, replace them")
    }
}
