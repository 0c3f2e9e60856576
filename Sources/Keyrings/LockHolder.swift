internal import Glibc

/// Who has a file locked, as far as the kernel tells.
enum LockHolder {
    /// The process that holds the lock, if it can be seen from here.
    static func find(device: UInt, inode: UInt) -> Int32? {
        // 1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF
        for line in table().split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[1] == "FLOCK", let holder = Int32(fields[4]), holder > 0 else {
                continue
            }
            let place = fields[5].split(separator: ":")
            guard place.count == 3, let major = UInt(place[0], radix: 16),
                let minor = UInt(place[1], radix: 16), UInt(place[2]) == inode
            else { continue }
            if major == Self.major(device), minor == Self.minor(device) { return holder }
        }
        return nil
    }

    private static func table() -> String {
        let descriptor = unsafe open("/proc/locks", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += chunk[..<count]
        }
    }

    // The kernel's encoding of device numbers (makedev(3)).
    private static func major(_ device: UInt) -> UInt { device >> 8 & 0xfff | device >> 32 & ~0xfff }

    private static func minor(_ device: UInt) -> UInt { device & 0xff | device >> 12 & ~0xff }
}
