/** A place as Korean has it: the label of the internet is a word, all others are names. */
export const placeKo = (label: string): string => (label === 'internet' ? '인터넷' : label)
