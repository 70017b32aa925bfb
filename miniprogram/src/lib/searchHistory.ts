import { dropStored, readStored, writeStored } from './storage'

const KEY = 'search-history'
const AT_MOST = 10
const LONGEST = 30

/** What was searched for on this device, newest first. It never leaves the device. */
export function readHistory(): string[] {
  const stored = readStored<unknown>(KEY)
  return Array.isArray(stored) ? stored.filter((one): one is string => typeof one === 'string').slice(0, AT_MOST) : []
}

/** Put words in front; the same words are kept once. Words that look like a personal number are not kept. */
export function remember(words: string): string[] {
  const text = words.trim().slice(0, LONGEST)
  if (text === '' || /\d{6,}/.test(text)) return readHistory()
  const history = [text, ...readHistory().filter((one) => one !== text)].slice(0, AT_MOST)
  writeStored(KEY, history)
  return history
}

export function forgetHistory(): string[] {
  dropStored(KEY)
  return []
}
