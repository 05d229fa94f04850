import { once } from 'node:events'
import { createServer } from 'node:http'
import { aws } from '../../probe/checks/aws.js'
import { testIo } from './transport.js'

/** Runs in a network namespace whose loopback carries public addresses, and prints what the checks find there. */
const server = createServer((_request, response) =>
  response.writeHead(200, { 'x-amzn-requestid': 'x' }).end(),
)
server.listen(80, '::')
await once(server, 'listening')

const cases = [
  ['sts endpoint', 'sts', 'endpoint', '52.94.5.1'],
  ['sts any', 'sts', 'any', '52.94.5.1'],
  ['s3 endpoint', 's3', 'endpoint', '52.94.5.1'],
  ['dynamodb any', 'dynamodb', 'any', '52.94.5.1'],
  ['sts endpoint v6', 'sts', 'endpoint', '2600:1f00::1'],
] as const

const findings = await Promise.all(
  cases.map(async ([name, service, via, address]) => {
    const check = {
      kind: 'aws',
      name,
      service,
      via,
      region: 'eu-west-1',
      endpoint: 'http://aws.test',
    } as const
    const to = { host: 'aws.test', port: 80, address, family: address.includes(':') ? 6 : 4 } as const
    return [name, await aws.probe(check, to, testIo())] as const
  }),
)
process.stdout.write(JSON.stringify(Object.fromEntries(findings)))
server.close()
