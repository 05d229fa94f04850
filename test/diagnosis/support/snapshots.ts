import type { Snapshot } from '../../../api/network/snapshot.js'
import { parseSnapshotName } from '../../../api/snapshot/names.js'
import { SCENARIOS } from '../../scenarios/support/all.js'
import { awsFiles } from '../../scenarios/support/aws.js'
import { interfaceEndpoint } from '../../scenarios/support/facts.js'
import { baseWorld, id, type World } from '../../scenarios/support/world.js'

/** A world as a snapshot in memory, as reading its folder would give it. */
export function snapshotOf(world: World): Snapshot {
  const documents = [...awsFiles(world)].flatMap(([name, body]) => {
    const parsed = parseSnapshotName(`${name}.json`)
    return parsed.kind === 'document'
      ? [
          {
            file: `${name}.json`,
            scope: '',
            call: parsed.call,
            key: parsed.key,
            body: JSON.parse(JSON.stringify(body)) as unknown,
          },
        ]
      : []
  })
  return { takenAt: '2026-01-07T09:00:00.000Z', documents, missing: [] }
}

export function worldOf(change: (world: World) => void): Snapshot {
  const world = baseWorld()
  change(world)
  return snapshotOf(world)
}

/** The base network with one of everything that a change may touch. */
export function fullSnapshot(): Snapshot {
  const scenario = (name: string) => SCENARIOS.find((one) => one.id === name)?.change ?? (() => {})
  const full = worldOf((world) => {
    scenario('N7')(world)
    interfaceEndpoint(world, 'secretsmanager', { privateDns: false })
    const ledger = world.vpcs[1]?.id ?? ''
    world.peerings.push({
      id: id('pcx', 'b1'),
      requester: world.vpcs[0]?.id ?? '',
      accepter: ledger,
      requesterDns: false,
      accepterDns: false,
    })
    world.internetGateways.push({ id: id('igw', 'b2'), vpc: null })
  })
  const zone = {
    HostedZone: { Id: '/hostedzone/Z0EXAMPLE', Name: 'corp.example.', Config: { PrivateZone: true } },
    VPCs: [{ VPCRegion: 'ap-northeast-2', VPCId: id('vpc', 'b1') }],
  }
  const file = 'get-hosted-zone.Z0EXAMPLE.json'
  const document = { file, scope: '', call: 'get-hosted-zone', key: 'Z0EXAMPLE', body: zone }
  return { ...full, documents: [...full.documents, document] }
}
