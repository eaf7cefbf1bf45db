// A relay from MLLP to messages:ingest for Node.js, as one would write it: framing, the fields of MSH that an answer needs,
// one POST with a deadline for each message, and the acknowledgement from the reply, checked by MSA-1 and MSA-2.
//   node relay.mjs PORT STORE_PORT
import net from "node:net"
import { Pool } from "undici"

const [port, storePort] = process.argv.slice(2).map(Number)
const CONNECTIONS = 64, DEADLINE = 25_000, MOST_OCTETS = 64 * 1024 * 1024
const START = 0x0b, END = 0x1c
const HEADERS = { "content-type": "application/json; charset=utf-8" }
const POSITIVE = new Set(["AA", "CA"])
const store = new Pool(`http://127.0.0.1:${storePort}`, {
  connections: CONNECTIONS, pipelining: 1, headersTimeout: DEADLINE, bodyTimeout: DEADLINE,
})
const counts = { received: 0, octets: 0, answers: {} }

function fieldsOf(segment) {
  return segment.split(segment[3], 20)
}

function headerOf(message) {
  const end = message.indexOf("\r")
  const fields = fieldsOf(message.toString("latin1", 0, end < 0 ? message.length : end))
  return fields[0] === "MSH" ? { fields, controlId: fields[9] ?? "", type: fields[8] ?? "" } : null
}

function acknowledgementOf(header, code, text) {
  const [, encoding, application, facility, toApplication, toFacility] = header.fields
  const now = new Date().toISOString().replace(/[-:T]/g, "").slice(0, 14)
  const msh = ["MSH", encoding, toApplication, toFacility, application, facility, now, "", "ACK", `N${counts.received}`, "P", "2.5.1"]
  return Buffer.from(`${msh.join("|")}\rMSA|${code}|${header.controlId}|${text}\r`, "latin1")
}

function verdictOf(header, acknowledgement) {
  const msa = acknowledgement.toString("latin1").split(/[\r\n]+/).find((segment) => segment.startsWith("MSA"))
  const fields = msa ? fieldsOf(msa) : []
  const isAnswer = !fields[2] || !header.controlId || fields[2] === header.controlId
  return isAnswer ? fields[1] ?? "" : ""
}

async function deliver(header, message) {
  const body = JSON.stringify({ message: { data: message.toString("base64") } })
  try {
    const reply = await store.request({ method: "POST", path: "/store/messages:ingest", headers: HEADERS, body })
    const value = await reply.body.json()
    const acknowledgement = Buffer.from(value.hl7Ack ?? "", "base64")
    const code = verdictOf(header, acknowledgement)
    if (reply.statusCode === 200 && POSITIVE.has(code)) return { code, acknowledgement }
    return { code: "AE", acknowledgement: acknowledgementOf(header, "AE", "the store refuses the message") }
  } catch {
    return { code: "AR", acknowledgement: acknowledgementOf(header, "AR", "the store cannot be reached") }
  }
}

async function handle(message) {
  const header = headerOf(message)
  if (header === null || !header.type) return null
  counts.received += 1
  counts.octets += message.length
  const { code, acknowledgement } = await deliver(header, message)
  counts.answers[code] = (counts.answers[code] ?? 0) + 1
  return Buffer.concat([Buffer.of(START), acknowledgement, Buffer.of(END, 0x0d)])
}

net.createServer({ noDelay: true, keepAlive: true }, (peer) => {
  const queue = []
  let buffer = null, isBusy = false

  async function work() {
    isBusy = true
    while (queue.length && !peer.destroyed) {
      const answer = await handle(queue.shift())
      if (answer === null) return peer.destroy()
      peer.write(answer)
    }
    isBusy = false
  }

  peer.on("error", () => peer.destroy())
  peer.on("data", (chunk) => {
    buffer = buffer === null ? chunk : Buffer.concat([buffer, chunk])
    let end
    while (buffer !== null && (end = buffer.indexOf(END)) >= 0 && end + 1 < buffer.length) {
      if (buffer[0] !== START || buffer[end + 1] !== 0x0d) return peer.destroy()
      queue.push(buffer.subarray(1, end))
      buffer = end + 2 < buffer.length ? buffer.subarray(end + 2) : null
    }
    if (buffer !== null && buffer.length > MOST_OCTETS) return peer.destroy()
    if (!isBusy) work()
  })
}).listen(port, "127.0.0.1", 1024)
