import t from 'tap'
import { wordsOf } from '../../api/diagnosis/words.js'
import { SAMPLE_FAULTS } from '../../api/sample/faults.js'
import { FAULTS } from '../../infra/lab/faults/catalogue.js'
import { englishIn, englishOf } from '../support/prose.js'
import { EVERY_CHANGE } from './support/changes.js'

t.test(
  'what is told of every change, and of every fault that can be put in, is Korean in Korean',
  async (t) => {
    const none = new Set<string>()
    // A hostile name among the changes: it's "new".
    t.same(
      englishOf(
        EVERY_CHANGE.map((change) => wordsOf([change])),
        new Set(['it', 'new']),
      ),
      [],
    )
    t.same(englishOf(FAULTS, none), [])
    // The database of the sample's account.
    t.same(englishOf(SAMPLE_FAULTS, new Set(['orders'])), [])
  },
)

t.test('English would be found', async (t) => {
  for (const [text, words] of [
    ['100 allow all from 0.0.0.0/0 (inbound)', ['allow', 'all', 'from', 'inbound']],
    ['no public IPv4 address', ['no', 'public', 'address']],
    ['경로가 rtb-1에 없습니다: the route is missing.', ['the', 'route', 'is', 'missing']],
    ['NAT gateway', ['gateway']],
    ['Security group', ['Security', 'group']],
    [
      'sg-1이 tcp/5432를 막습니다(ENI_SG_RULES_MISMATCH): enableDnsSupport false, AWS CLI로 orders-api 확인',
      [],
    ],
    ['Lambda의 설명: “The subnet has no addresses.”', []],
  ] as const)
    t.same(englishIn(text), words, text)
})
