// Node's jose, which carries the same flow: it answers as the Swift program does.
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

// Debian's package lies where only `require` looks.
const jose = createRequire('/usr/share/nodejs/')('/usr/share/nodejs/jose')
const carried = JSON.parse(readFileSync(new URL('../../flow.json', import.meta.url)))
const key = Uint8Array.from({ length: 64 }, (_, index) => index * 37 + 11)

async function encode() {
  const verifier = randomBytes(32).toString('base64url')
  createHash('sha256').update(verifier).digest('base64url')
  return new jose.EncryptJWT({ ...carried, code_verifier: verifier })
    .setProtectedHeader({ alg: 'dir', enc: 'A256CBC-HS512' })
    .setIssuedAt()
    .setExpirationTime('10m')
    .encrypt(key)
}

const token = await encode()

async function verify() {
  const { payload } = await jose.jwtDecrypt(token, key)
  if (payload.integration_id !== carried.integration_id) throw new Error('something else was opened')
}

if (process.argv[2] === 'length') {
  console.log(token.length)
  process.exit()
}
for await (const line of createInterface({ input: process.stdin })) {
  const [name, milliseconds] = line.split(' ')
  const call = name === 'encode' ? encode : verify
  const start = process.hrtime.bigint()
  const end = start + BigInt(milliseconds) * 1_000_000n
  let count = 0
  let now = start
  while (now < end) {
    for (let turn = 0; turn < 20; turn++) await call()
    count += 20
    now = process.hrtime.bigint()
  }
  console.log(`${count} ${now - start}`)
}
