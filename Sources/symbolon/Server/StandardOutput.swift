internal import Glibc

/// Hands on what was printed at once, also where standard output is a pipe or a file.
func flushStandardOutput() { fflush(nil) }
