import t from 'tap'
import { type Line, MAX_LINE_BYTES, splitLines } from '../../api/ingest/lines.js'

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function linesOf(chunks: AsyncIterable<Uint8Array>, start?: number): Promise<readonly Line[]> {
  const lines: Line[] = []
  for await (const group of splitLines(chunks, start)) lines.push(...group)
  return lines
}

t.test('the same lines however the bytes are cut', async (t) => {
  const text = 'one\r\n\nthree ü 한글\nfour\rstill four\nrest'
  const bytes = Buffer.from(text)
  const whole = await linesOf(chunked(bytes, bytes.length))
  t.same(
    whole.map(({ text, ended }) => [text, ended]),
    [
      ['one', true],
      ['', true],
      ['three ü 한글', true],
      ['four\rstill four', true],
      ['rest', false],
    ],
  )
  for (let size = 1; size < bytes.length; size += 1)
    t.same(await linesOf(chunked(bytes, size)), whole, `by ${size}`)
  t.same(
    whole.map(({ end }) => end),
    [5, 6, 24, 40, 44].map((_, n) => endOf(bytes, n)),
  )
  t.equal((await linesOf(chunked(bytes, 7), 1000))[0]?.end, 1005)
})

t.test('a line beyond the limit is told, not held', async (t) => {
  const long = Buffer.concat([Buffer.alloc(3 * MAX_LINE_BYTES, 'x'), Buffer.from('\nnext\n')])
  const lines = await linesOf(chunked(long, 65_536))
  t.match(lines, [
    { overlong: true, ended: true, end: 3 * MAX_LINE_BYTES + 1 },
    { text: 'next', overlong: false },
  ])
  t.ok((lines[0]?.text.length ?? 0) <= 4096)
  const edge = await linesOf(chunked(Buffer.from(`${'y'.repeat(MAX_LINE_BYTES)}\n`), 1000))
  t.match(edge, [{ overlong: false }])
})

t.test('nothing is no line', async (t) => {
  t.same(await linesOf(chunked(Buffer.alloc(0), 1)), [])
})

function endOf(bytes: Buffer, line: number): number {
  let at = -1
  for (let n = 0; n <= line; n += 1) {
    const next = bytes.indexOf(0x0a, at + 1)
    if (next < 0) return bytes.length
    at = next
  }
  return at + 1
}
