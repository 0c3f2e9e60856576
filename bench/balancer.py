"""HTTP/1.1 as the benches need it: a client that keeps its connections, and heads of messages."""

import asyncio


class Balancer:
    """Requests to the load balancer (or to one replica) over connections that are kept, each for one request at a time."""

    def __init__(self, port):
        self.port = port
        self.idle = []

    async def send(self, method, target, headers=(), body=b""):
        reader, writer = self.kept() or await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request(self.port, method, target, headers, body))
            answer = await read_answer(reader)
        except BaseException:
            writer.close()
            raise
        if answer[1].get("connection", "").lower() == "close":
            writer.close()
        else:
            self.idle.append((reader, writer))
        return answer

    def kept(self):
        """A connection that the other side has not closed meanwhile."""
        while self.idle:
            reader, writer = self.idle.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return None

    def close(self):
        for _, writer in self.idle:
            writer.close()
        self.idle.clear()


def request(port, method, target, headers=(), body=b""):
    head = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


async def read_answer(reader):
    """Status, headers and content."""
    status_line, headers = await read_head(reader)
    content = await reader.readexactly(int(headers.get("content-length", 0)))
    return int(status_line.split(" ", 2)[1]), headers, content


async def read_head(reader):
    """The first line of a message, and its headers with their names in lower case."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")[:-4].split("\r\n")
    return first, {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}


def percentiles(values, parts=(50, 99)):
    values = sorted(values)
    if not values:
        return "none"
    last = len(values) - 1
    return ", ".join(f"p{part} {values[min(last, int(len(values) * part / 100))]:.1f}" for part in parts)
