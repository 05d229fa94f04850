import { createSocket } from 'node:dgram'
import { connect } from 'node:net'

/** One packet exchange to try from a namespace. */
export interface FlowTry {
  readonly protocol: 'tcp' | 'udp'
  readonly from: string
  readonly sourcePort: number
  readonly to: string
  readonly port: number
}

/** What came of it: the address under which the target saw the caller, or null where nothing came back. */
export interface FlowResult {
  readonly seenAs: string | null
}

/** Connects or sends from the given address and port, and waits for the target's answer. Never rejects. */
export function tryFlow(flow: FlowTry, timeoutMs: number): Promise<FlowResult> {
  return flow.protocol === 'tcp' ? tryTcp(flow, timeoutMs) : tryUdp(flow, timeoutMs)
}

function tryTcp(flow: FlowTry, timeoutMs: number): Promise<FlowResult> {
  return new Promise((resolve) => {
    const socket = connect({
      host: flow.to,
      port: flow.port,
      localAddress: flow.from,
      localPort: flow.sourcePort,
    })
    let seen = ''
    const end = (result: FlowResult) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(() => end({ seenAs: null }), timeoutMs)
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      seen += text
    })
    socket.once('end', () => end({ seenAs: seen }))
    socket.once('error', () => end({ seenAs: null }))
  })
}

function tryUdp(flow: FlowTry, timeoutMs: number): Promise<FlowResult> {
  return new Promise((resolve) => {
    const socket = createSocket(flow.to.includes(':') ? 'udp6' : 'udp4')
    const end = (result: FlowResult) => {
      clearTimeout(timer)
      socket.close()
      resolve(result)
    }
    const timer = setTimeout(() => end({ seenAs: null }), timeoutMs)
    socket.once('message', (text) => end({ seenAs: text.toString() }))
    socket.on('error', () => end({ seenAs: null }))
    // A filter's refusal comes as an error of the sending; it is silence all the same.
    socket.bind(flow.sourcePort, flow.from, () => socket.send('?', flow.port, flow.to, () => undefined))
  })
}
