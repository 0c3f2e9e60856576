extension String {
    /// Refuses the keyring itself where its file is meant.
    ///
    /// What was given is not said again, for it has the keys in it.
    func checkIsNoKeyring() throws(CommandError) {
        guard first(where: { !$0.isWhitespace }) == "{" else { return }
        throw CommandError(
            .usage,
            "--keyring takes a file, and was given a keyring itself. A command line can be seen by others "
                + "on this machine: if the keys are in use, replace them")
    }
}
