import { gzipSync, zipSync } from 'fflate'
import t from 'tap'
import { type Given, UnpackError, unpack } from '../../api/web/pages/trace/unpack.js'

const text = (value: string) => new TextEncoder().encode(value)
const given = (path: string, bytes: Uint8Array): Given => ({
  path,
  size: bytes.length,
  bytes: async () => bytes,
})

/** A tar of regular files with their octal sizes, as POSIX says. */
function tar(files: Readonly<Record<string, string>>): Uint8Array {
  const blocks = Object.entries(files).map(([name, content]) => {
    const body = text(content)
    const block = new Uint8Array(512 + Math.ceil(body.length / 512) * 512)
    block.set(text(name))
    block.set(text(body.length.toString(8).padStart(11, '0')), 124)
    block.set(text('0'), 156)
    block.set(text('ustar'), 257)
    block.set(body, 512)
    return block
  })
  const whole = new Uint8Array(blocks.reduce((sum, one) => sum + one.length, 1024))
  let at = 0
  for (const block of blocks) {
    whole.set(block, at)
    at += block.length
  }
  return whole
}

const FILES = { 'snap/describe-vpcs.json': '{"Vpcs":[]}', 'snap/README.md': 'no', 'snap/.hidden.json': '{}' }
const READ = { 'describe-vpcs.json': '{"Vpcs":[]}' }
const zipOf = (files: Readonly<Record<string, string>>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, body]) => [name, text(body)])))

t.test('folders, archives and compressed files give the same snapshot', async (t) => {
  const folder = Object.entries(FILES).map(([name, body]) => given(name, text(body)))
  t.strictSame(await unpack(folder), READ, 'a folder')
  t.strictSame(await unpack([given('snap.zip', zipOf(FILES))]), READ, 'a zip')
  t.strictSame(await unpack([given('snap.tar.gz', gzipSync(tar(FILES)))]), READ, 'a tar.gz')
  t.strictSame(await unpack([given('snap.tar', tar(FILES))]), READ, 'a tar')
  t.strictSame(await unpack([given('describe-vpcs.json.gz', gzipSync(text('{"Vpcs":[]}')))]), READ)
  const whole = JSON.stringify({ files: { 'describe-vpcs.json': { Vpcs: [] } } })
  t.strictSame(await unpack([given('all.json', text(whole))]), READ, 'one file that holds all')
  const wide = new Uint8Array([0xff, 0xfe, ...new Uint8Array(new Uint16Array([0x7b, 0x7d]).buffer)])
  t.strictSame(await unpack([given('describe-vpcs.json', wide)]), { 'describe-vpcs.json': '{}' })
  const regions = { 'a/eu/describe-vpcs.json': '{}', 'a/us/describe-vpcs.json': '{}' }
  t.strictSame(
    Object.keys(await unpack([given('r.zip', zipOf(regions))])),
    ['eu/describe-vpcs.json', 'us/describe-vpcs.json'],
    'only the folder that all share is taken off',
  )
})

t.test('what is too large, too many, broken or nothing is refused by name', async (t) => {
  const limits = { bytes: 1000, files: 2 }
  const fault = async (path: string, bytes: Uint8Array) => {
    const error = await unpack([given(path, bytes)], limits).catch((caught: unknown) => caught)
    return error instanceof UnpackError ? `${error.fault} ${error.file}` : 'none'
  }
  const long = ' '.repeat(100_000)
  t.equal(await fault('bomb.zip', zipOf({ 'describe-vpcs.json': long })), 'tooLarge bomb.zip')
  t.equal(await fault('bomb.tgz', gzipSync(tar({ 'describe-vpcs.json': long }))), 'tooLarge bomb.tgz')
  t.equal(await fault('bomb.json.gz', gzipSync(text(long))), 'tooLarge bomb.json.gz')
  const lying = gzipSync(text(long))
  new DataView(lying.buffer).setUint32(lying.length - 4, 10, true)
  t.equal(
    await fault('lying.json.gz', lying),
    'broken lying.json.gz',
    'a size that is not true does not help',
  )
  t.match(await fault('m.zip', zipOf({ 'a.json': '', 'b.json': '', 'c.json': '' })), /^tooMany/)
  t.equal(await fault('cut.zip', zipOf(FILES).subarray(0, 40)), 'broken cut.zip')
  t.equal(await fault('cut.tgz', gzipSync(tar(FILES)).subarray(0, 60)), 'broken cut.tgz')
  t.match(await fault('notes.zip', zipOf({ 'notes.txt': 'x' })), /^nothing/)
})
