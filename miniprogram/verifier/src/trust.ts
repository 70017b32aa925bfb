/** What this page relies on: keys, status lists and labels, built in, kept, or fetched anew. */

import { type Claims, Refused, isObject } from './bytes'
import { type KeySet, keySet } from './jose'
import { type StatusList, readList } from './verify'

const KEPT = 'shengshitong.verify.trust'
const BASE = '/api/v1/public/verification'

export interface Trust {
  keys: KeySet
  lists: Map<string, StatusList>
  labels: Map<string, Record<string, string>>
}

interface Document {
  keys: unknown
  lists: string[]
  types: Claims[]
}

/** Built in and kept from the last update: of each list the newer one counts. */
export function load(): Trust | null {
  const documents = [builtIn(), kept()].filter((each): each is Document => each !== null)
  const trusts = documents.map(read).filter((each): each is Trust => each !== null)
  if (trusts.length === 0) return null
  const last = trusts[trusts.length - 1]
  const lists = new Map<string, StatusList>()
  for (const list of trusts.flatMap((each) => [...each.lists.values()])) {
    if ((lists.get(list.uri)?.issuedAt ?? -1) < list.issuedAt) lists.set(list.uri, list)
  }
  return { ...last, lists }
}

export async function refresh(): Promise<Trust | null> {
  const [keys, types, names] = await Promise.all(['keys', 'types', 'status-lists'].map(fetched))
  const items = (value: unknown): unknown[] => (isObject(value) && Array.isArray(value.items) ? value.items : [])
  const lists = await Promise.all(items(names).map((name) => fetchedText(`status-lists/${String(name)}`)))
  const document: Document = { keys, lists, types: items(types).filter(isObject) }
  try {
    localStorage.setItem(KEPT, JSON.stringify(document))
  } catch {
    // A page opened from a file may not keep anything: what was fetched counts until it is closed.
  }
  return read(document)
}

async function fetchedText(path: string): Promise<string> {
  const answer = await fetch(`${BASE}/${path}`)
  if (!answer.ok) throw new Error(String(answer.status))
  return answer.text()
}

const fetched = async (path: string): Promise<unknown> => JSON.parse(await fetchedText(path))

function builtIn(): Document | null {
  return documentOf(document.getElementById('trust')?.textContent ?? '')
}

function kept(): Document | null {
  try {
    return documentOf(localStorage.getItem(KEPT) ?? '')
  } catch {
    return null
  }
}

function documentOf(text: string): Document | null {
  try {
    const found: unknown = JSON.parse(text || 'null')
    const whole = isObject(found) && Array.isArray(found.lists) && Array.isArray(found.types)
    return whole ? (found as unknown as Document) : null
  } catch {
    return null
  }
}

function read(found: Document): Trust | null {
  try {
    const keys = keySet(found.keys)
    const lists = found.lists.flatMap((text) => usable(text, keys))
    const labels = found.types.map((each) => [String(each.vct), each.labels as Record<string, string>] as const)
    return { keys, lists: new Map(lists.map((list) => [list.uri, list])), labels: new Map(labels) }
  } catch (error) {
    if (error instanceof Refused) return null
    throw error
  }
}

function usable(text: string, keys: KeySet): StatusList[] {
  try {
    return [readList(text, keys)]
  } catch {
    return []
  }
}
