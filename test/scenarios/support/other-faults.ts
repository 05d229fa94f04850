/** Where the configuration is open or Lambda itself is the matter: the packet's outcome decides. */
import {
  databaseWorks,
  FUNCTION,
  INTERFACE_ENDPOINT,
  interfaceEndpoint,
  internetWorks,
  ok,
  timeout,
  withoutInterfaces,
} from './facts.js'
import type { Flow, Scenario, Seen } from './scenario.js'
import { find, IDS, REGION, type World } from './world.js'

const private_ = { address: '10.0.21.20', addressKind: 'private' as const }
const { seenAs: _, ...internet } = internetWorks

/** The database's path is open, and yet the probe saw this. */
const openDatabase = (seen: Seen, candidates: readonly string[], more: Partial<Flow> = {}): Flow => ({
  ...databaseWorks,
  seen: { kind: 'postgres', ...private_, ...seen },
  diagnosis: 'outside-configuration',
  candidates,
  ...more,
})

const openInternet = (seen: Seen, candidates: readonly string[], more: Partial<Flow> = {}): Flow => ({
  ...internet,
  seen: { kind: 'http', addressKind: 'public', ...seen },
  diagnosis: 'outside-configuration',
  candidates,
  ...more,
})

function updateFailed(world: World, code: string, reason: string): void {
  withoutInterfaces(world)
  const fn = find(world.functions, FUNCTION)
  fn.state = 'Failed'
  fn.stateReasonCode = code
  fn.stateReason = reason
  fn.lastUpdateStatus = 'Failed'
  fn.lastUpdateStatusReasonCode = code
  fn.lastUpdateStatusReason = reason
}

const same = () => {}

export const OTHER_FAULTS: readonly Scenario[] = [
  {
    id: 'N3',
    name: 'refused',
    about: 'The host is up, and nothing listens on the port.',
    change: same,
    flows: [
      openDatabase({ outcome: 'connect_refused', endedIn: 'connect' }, ['NOTHING_LISTENS'], {
        says: ['not a network fault'],
      }),
    ],
  },
  {
    id: 'N8',
    name: 'tls-untrusted',
    about: 'The database presents a certificate whose CA the client does not have.',
    change: same,
    flows: [
      openDatabase(
        {
          outcome: 'tls_untrusted',
          endedIn: 'tls',
          detail: { certificateIssuer: 'Amazon RDS ap-northeast-2 Root CA RSA2048 G1' },
        },
        ['CERTIFICATE_UNTRUSTED'],
      ),
    ],
  },
  {
    id: 'N8b',
    name: 'tls-expired',
    about: "The database's certificate has expired.",
    change: same,
    flows: [
      openDatabase(
        {
          outcome: 'tls_expired',
          endedIn: 'tls',
          detail: {
            certificateNotBefore: '2024-08-22T17:08:50Z',
            certificateExpires: '2026-08-22T17:08:50Z',
            certificateDaysLeft: -93,
          },
        },
        ['CERTIFICATE_EXPIRED'],
        { says: ['2026-08-22'] },
      ),
    ],
  },
  {
    id: 'N9',
    name: 'endpoint-policy',
    about: "The endpoint's policy denies the call: told apart from the role's.",
    change: (world) =>
      interfaceEndpoint(world, 'secretsmanager', {
        policy: '{"Statement":[{"Action":"*","Effect":"Deny","Principal":"*","Resource":"*"}]}',
      }),
    flows: [
      {
        from: FUNCTION,
        to: 'service:secretsmanager',
        port: 443,
        verdict: 'unreachable',
        blockers: [{ code: 'ENDPOINT_POLICY_DENIES', component: INTERFACE_ENDPOINT, direction: 'forward' }],
        seen: {
          outcome: 'aws_endpoint_policy_denied',
          endedIn: 'exchange',
          kind: 'aws',
          target: `secretsmanager.${REGION}.amazonaws.com:443`,
          address: '10.0.11.60',
          addressKind: 'private',
        },
        diagnosis: 'proven',
        fix: [{ kind: 'modify-endpoint', endpointId: INTERFACE_ENDPOINT }],
        says: [INTERFACE_ENDPOINT],
      },
    ],
  },
  {
    id: 'N11',
    name: 'subnet-out-of-ips',
    about: 'A subnet of the function has no free address left for its interface.',
    change: (world) => {
      find(world.subnets, IDS.privateB).free = 0
      updateFailed(
        world,
        'SubnetOutOfIPAddresses',
        `The subnet ${IDS.privateB} has no available IP addresses.`,
      )
    },
    flows: [
      {
        ...databaseWorks,
        verdict: 'unreachable',
        blockers: [FUNCTION, IDS.privateB].map((component) => ({
          code: 'SUBNET_OUT_OF_IP_ADDRESSES',
          component,
          direction: 'forward',
        })),
        seen: null,
        diagnosis: 'predicted',
        fix: [{ kind: 'configure-function-vpc', functionName: FUNCTION }],
        says: [IDS.privateB],
      },
    ],
  },
  {
    id: 'N12',
    name: 'nat-ports',
    about:
      'Many connections to one destination through one NAT gateway: the first ones succeed, the later ones fail.',
    change: same,
    flows: [
      openInternet(
        {
          ...timeout,
          attempts: ['ok', 'ok', 'connect_timeout', 'connect_timeout'],
          history: { total: 40, failed: 18 },
        },
        ['NAT_PORT_EXHAUSTION'],
      ),
    ],
  },
  {
    id: 'N14',
    name: 'segmentation',
    about: 'The function must not reach the admin host, but a rule lets it.',
    change: (world) => {
      find(world.groups, IDS.groupAdmin).ingress.push({
        protocol: 'tcp',
        from: 22,
        to: 22,
        cidr: '10.0.0.0/16',
      })
    },
    flows: [
      {
        from: FUNCTION,
        to: IDS.instanceAdmin,
        port: 22,
        verdict: 'reachable',
        seen: { ...ok, kind: 'tcp', expect: 'unreachable', address: '10.0.21.50', addressKind: 'private' },
        diagnosis: 'proven',
        fix: [
          {
            kind: 'revoke-security-group',
            direction: 'ingress',
            groupId: IDS.groupAdmin,
            protocol: 'tcp',
            fromPort: 22,
            toPort: 22,
            peer: { cidr: '10.0.0.0/16' },
          },
        ],
        says: [IDS.groupAdmin],
      },
    ],
  },
  {
    id: 'N15',
    name: 'stale-snapshot',
    about:
      'The rule was added after the snapshot was taken: the packet gets through where the snapshot says no.',
    change: (world) => {
      const group = find(world.groups, IDS.groupDatabase)
      group.ingress = group.ingress.filter((rule) => rule.group !== IDS.groupFunction)
    },
    later: same,
    flows: [
      {
        ...databaseWorks,
        verdict: 'unreachable',
        blockers: [{ code: 'ENI_SG_RULES_MISMATCH', component: IDS.groupDatabase, direction: 'forward' }],
        diagnosis: 'contradicted',
        says: ['snapshot'],
      },
    ],
  },
  {
    id: 'N18',
    name: 'force-ssl',
    about: 'The PostgreSQL server demands TLS and refuses the plain connection after the handshake.',
    change: same,
    flows: [
      openDatabase(
        {
          outcome: 'protocol_mismatch',
          endedIn: 'exchange',
          detail: {
            code: '28000',
            message: 'no pg_hba.conf entry for host "10.0.11.31", user "sonde", no encryption',
          },
        },
        ['SERVER_DEMANDS_TLS'],
      ),
    ],
  },
  {
    id: 'N19',
    name: 'egress-firewall',
    about: 'TCP connects, and TLS is cut during the hello: something on the way inspects it.',
    change: same,
    flows: [
      openInternet(
        {
          outcome: 'connection_reset',
          endedIn: 'tls',
          target: 'api.example.com:443',
          detail: { serverName: 'api.example.com' },
        },
        ['TLS_INSPECTED'],
        { says: ['api.example.com'] },
      ),
    ],
  },
  {
    id: 'N20',
    name: 'function-inactive',
    about: 'The function was idle for 14 days; its interfaces were reclaimed.',
    change: (world) => {
      withoutInterfaces(world)
      const fn = find(world.functions, FUNCTION)
      fn.state = 'Inactive'
      fn.stateReasonCode = 'Idle'
      fn.stateReason = 'The function is idle.'
    },
    flows: [{ ...databaseWorks, seen: null, diagnosis: 'healthy', advice: ['FUNCTION_INACTIVE'] }],
  },
  {
    id: 'N21',
    name: 'eni-limit',
    about: "The account's quota of network interfaces in the VPC is used up.",
    change: (world) =>
      updateFailed(
        world,
        'EniLimitExceeded',
        'You have exceeded the limit of elastic network interfaces in the VPC.',
      ),
    flows: [
      {
        ...databaseWorks,
        verdict: 'unreachable',
        blockers: [{ code: 'ENI_LIMIT_EXCEEDED', component: FUNCTION, direction: 'forward' }],
        seen: null,
        diagnosis: 'predicted',
        says: ['quota', '1 posture '],
        advice: ['ENI_QUOTA'],
      },
    ],
  },
  {
    id: 'N26',
    name: 'two-percent',
    about: 'One call in fifty times out, and every hop is open.',
    change: same,
    flows: [
      {
        ...databaseWorks,
        seen: { ...timeout, kind: 'postgres', ...private_, history: { total: 500, failed: 10 } },
        diagnosis: 'inconclusive',
        says: ['2 %'],
      },
    ],
  },
  {
    id: 'N27',
    name: 'nat-idle',
    about: 'A connection idle for more than 350 s through the NAT gateway is reset.',
    change: same,
    flows: [
      openInternet(
        { outcome: 'connection_reset', endedIn: 'exchange', detail: { heldMs: 360_000 } },
        ['NAT_IDLE_TIMEOUT'],
        { says: ['350'] },
      ),
    ],
  },
  {
    id: 'N28',
    name: 'happy-eyeballs',
    about: 'The name has an IPv6 and an IPv4 address; the first is a black hole, the second works.',
    change: same,
    flows: [
      {
        ...internet,
        seen: {
          ...ok,
          kind: 'http',
          addressKind: 'public',
          target: 'api.example.com:443',
          address: '198.51.100.80',
          addresses: [
            { address: '2600:9000:2000::1', addressKind: 'public', outcome: 'connect_timeout' },
            { address: '198.51.100.80', addressKind: 'public', outcome: 'ok' },
          ],
        },
        diagnosis: 'healthy',
        advice: ['ADDRESS_FAMILY_BLACK_HOLE'],
      },
    ],
  },
]
