import fc from 'fast-check'
import t from 'tap'
import { decodeText, parseJson } from '../../api/snapshot/json.js'

t.test('says where JSON ends to be JSON', async (t) => {
  const table: readonly (readonly [string, string, RegExp])[] = [
    ['', '', /line 1, column 1: expected a value, found an empty file/],
    [
      '{"Vpcs": [\n  {"VpcId": "vpc-1",}\n]}',
      '/Vpcs/0',
      /line 2, column 21: expected a name in double quotes, found "}"/,
    ],
    ['{"Vpcs": [{"a": 1} {"b": 2}]}', '/Vpcs', /column 20: expected ',' or ']', found "\{/],
    ['{"Vpcs": [', '/Vpcs/0', /expected a value, found the end of the file/],
    ['{"Vpcs": []}\n{"Vpcs": []}', '', /line 2, column 1: expected the end of the file \(one JSON document/],
    ['VPCS\tdefault', '', /expected a value, found "VPCS\\tdefault"/],
    ["{'Vpcs': []}", '', /expected a name in double quotes/],
    ['{"a/b": {"~": tru}}', '/a~1b/~0', /expected a value, found "tru\}\}"/],
    ['{"a": "x\ny"}', '/a', /expected a string that ends with "/],
    ['{"a" 1}', '/a', /expected ':' after the name/],
    ['[01]', '', /expected ',' or '\]'/],
  ]
  for (const [text, pointer, message] of table) {
    const result = parseJson(text)
    t.match(result, { ok: false, pointer, message }, JSON.stringify(text))
  }
})

t.test('a broken document always gets a place', async (t) => {
  const seed = 20260102
  t.comment(`seed ${seed}`)
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 3 }), (json, position, noise) => {
      const at = position % (json.length + 1)
      const text = json.slice(0, at) + noise + json.slice(at + 1)
      const result = parseJson(text)
      return result.ok || /at line \d+, column \d+: expected /.test(result.message)
    }),
    { seed, numRuns: 3000 },
  )
})

t.test('a deep document does not exhaust the stack', async (t) => {
  t.match(parseJson('['.repeat(200_000)), { ok: false, message: /expected at most 100 levels/ })
})

t.test('what PowerShell writes is text too', async (t) => {
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('{"a":1}', 'utf16le')])
  t.strictSame(parseJson(decodeText(utf16)), { ok: true, value: { a: 1 } })
  t.strictSame(parseJson(decodeText(Buffer.from('\ufeff{"a":1}'))), { ok: true, value: { a: 1 } })
})
