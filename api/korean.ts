/**
 * Particles of Korean sentences. A particle has two forms, by whether the word before it ends in a consonant as it is read
 * aloud; dictionaries write both, as Korean does where the word is not known yet: `${id}이(가)`.
 */

/** What a word ends in as it is read: a vowel, ㄹ (which counts as a vowel before 로), or another consonant. */
type Ending = 'vowel' | 'ㄹ' | 'consonant'

const BOTH_FORMS = /이\(가\)|을\(를\)|은\(는\)|과\(와\)|와\(과\)|\(으\)로|\(이\)/

/** After a consonant, after a vowel. */
const FORMS: Readonly<Record<string, readonly [string, string]>> = {
  '이(가)': ['이', '가'],
  '을(를)': ['을', '를'],
  '은(는)': ['은', '는'],
  '과(와)': ['과', '와'],
  '와(과)': ['과', '와'],
  '(으)로': ['으로', '로'],
  '(이)': ['이', ''],
}

/**
 * A template whose own text may hold both forms of a particle (`이(가)`, `을(를)`, `은(는)`, `과(와)`, `(으)로`, `(이)`): the one that
 * fits what stands before it stays. What is put in is left as it is. Where the word can't be read, both forms stay.
 */
export function josa(text: TemplateStringsArray, ...values: readonly unknown[]): string {
  return text.reduce((said, part, index) => settled(said, part) + String(values[index] ?? ''), '')
}

function settled(before: string, part: string): string {
  // Traces make many sentences, most of whose parts hold no particle.
  const found = part.includes('(') ? BOTH_FORMS.exec(part) : null
  if (found === null) return before + part
  const said = before + part.slice(0, found.index)
  return settled(said + particle(said, found[0]), part.slice(found.index + found[0].length))
}

/** The form of a particle, given with both forms, that fits the end of a text. */
export function particle(before: string, both: string): string {
  const forms = FORMS[both]
  const ending = endingOf(before)
  if (forms === undefined || ending === null) return both
  const open = ending === 'vowel' || (ending === 'ㄹ' && both === '(으)로')
  return forms[open ? 1 : 0]
}

/**
 * A word in the place of another whose particle may stand behind it already: `을 통해` after `nat-1` turns to `를 통해` after `edge`.
 * @param behind what follows the word; returned with the particle that it begins with, if it does, in the form that fits
 */
export function refitted(word: string, behind: string): string {
  const [form] = /^(으로|로|이|가|을|를|은|는|과|와)(?=[\s.,:;]|$)/.exec(behind) ?? []
  if (form === undefined) return behind
  const both = Object.keys(FORMS).find((key) => key !== '(이)' && FORMS[key]?.includes(form))
  if (both === undefined || endingOf(word) === null) return behind
  return particle(word, both) + behind.slice(form.length)
}

const HANGUL = { first: 0xac00, last: 0xd7a3, finals: 28, rieul: 8 }

/** 영, 일, 이, 삼, 사, 오, 육, 칠, 팔, 구; a number that ends in 0 is read 십, 백, 천 or 만. */
const DIGITS: readonly Ending[] = [
  'consonant',
  'ㄹ',
  'vowel',
  'consonant',
  'vowel',
  'vowel',
  'consonant',
  'ㄹ',
  'ㄹ',
  'vowel',
]

/** Names that are read otherwise than their letters and digits: 에스쓰리, 아이피브이식스, 사이더. */
const NAMES: ReadonlyMap<string, Ending> = new Map([
  ['s3', 'vowel'],
  ['ipv6', 'vowel'],
  ['cidr', 'vowel'],
])

function endingOf(text: string): Ending | null {
  const read = readPart(text)
  const last = read.charCodeAt(read.length - 1)
  if (last >= HANGUL.first && last <= HANGUL.last) {
    const final = (last - HANGUL.first) % HANGUL.finals
    return final === 0 ? 'vowel' : final === HANGUL.rieul ? 'ㄹ' : 'consonant'
  }
  const word = lastWord(read)
  if (word === '') return null
  const known = NAMES.get(word.toLowerCase())
  if (known !== undefined) return known
  const digit = DIGITS[Number(word.slice(-1))]
  if (/\d$/.test(word)) return digit ?? null
  return isSpelt(word)
    ? (LETTERS.get(word.slice(-1).toLowerCase()) ?? 'vowel')
    : wordEnding(word.toLowerCase())
}

/**
 * What is read of the end of a text: quotes and signs are not, and neither is what stands in brackets behind a word, whose
 * particle is that of the word (한글 맞춤법: 괄호 안은 읽지 않습니다).
 */
function readPart(text: string): string {
  let read = text
  // Most texts end in what is read.
  while (!isRead(read.charCodeAt(read.length - 1))) {
    const bare = read.replace(/[\s'"`’”»」』…*~:;.,!?/_-]+$/u, '').replace(/%$/, '퍼센트')
    const [aside] = /\s*[([（［{][^()[\]（）［］{}]*[)\]）］}]$/u.exec(bare) ?? []
    const led = aside === undefined ? '' : bare.slice(0, -aside.length)
    const next =
      aside === undefined ? bare.replace(/[)\]）］}]+$/u, '') : led === '' ? aside.slice(0, -1) : led
    if (next === read) return read
    read = next
  }
  return read
}

const isLetter = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)

const isRead = (code: number): boolean => isLetter(code) || (code >= HANGUL.first && code <= HANGUL.last)

/** The Latin letters and digits that a text ends in. */
function lastWord(text: string): string {
  let from = text.length
  while (from > 0 && isLetter(text.charCodeAt(from - 1))) from -= 1
  return text.slice(from)
}

/** Letters whose names end in a consonant: 엘, 엠, 엔, 알. */
const LETTERS: ReadonlyMap<string, Ending> = new Map<string, Ending>([
  ['l', 'ㄹ'],
  ['m', 'consonant'],
  ['n', 'consonant'],
  ['r', 'ㄹ'],
])

/** Whether the letters are read one by one: an abbreviation, a single letter, an id. */
const isSpelt = (word: string): boolean =>
  /\d/.test(word) || /^(.|[A-Z]+|[0-9a-f]{8,}|[^aeiouy]+)$/.test(word)

/** How an English word ends when Koreans write it: 서브넷, 백업, 퍼블릭, 테이블, 타임, 라우팅; but 서버, 루트, 로그. */
function wordEnding(word: string): Ending {
  if (/le?$/.test(word)) return 'ㄹ'
  if (/(m|n|ng|[aeiou][mn]e)$/.test(word)) return 'consonant'
  if (/((ea|ee|oa)[tk]|oo[pt]|check)$/.test(word)) return 'vowel'
  return /([aeiou](pp?|tt?|k|ck|c)|[aeo]b)$/.test(word) ? 'consonant' : 'vowel'
}
