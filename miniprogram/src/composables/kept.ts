/**
 * What this phone keeps for the time without a network of one's own licences, and of those of an
 * enterprise for which one acts: their contents and their faces, masked as the gateway masked them. It
 * is shown with its age, no longer than the type of the licence allows, and goes with the log-in, with
 * the licence or the right to see it, and where the type forbids keeping it.
 */
import type { EnterpriseDetail, LicenceDetail, Wallet } from '@/api/types'
import { dropStored, readStored, writeStored } from '@/lib/storage'
import { KEPT_DETAILS, KEPT_ENTERPRISES, KEPT_FACES, faceKey } from '@/stores/session'

/** Whose wallet it is: that of the person who is logged in, or of an enterprise; no person, nobody's. */
export interface Whose {
  person: string
  uscc?: string
}

interface KeptDetails {
  owner: string
  items: Record<string, LicenceDetail>
}

interface KeptEnterprises {
  owner: string
  /** Those opened last at the end. */
  items: EnterpriseDetail[]
}

interface FaceNote {
  /** The name of the licence among all that is kept. */
  id: string
  version: string
  purpose: string
  keptAt: string
  until: string
  /** Characters of the picture. */
  size: number
}

/** Which faces are kept, those shown last at the end; the pictures have keys of their own. */
interface KeptFaces {
  owner: string
  items: FaceNote[]
}

export interface KeptFace {
  src: string
  purpose: string
  keptAt: string
}

/** WeChat keeps 10 MB, at most 1 MB under a key; browsers about 5 million characters. */
const LARGEST_FACE = 700_000
const ALL_FACES = 2_500_000
const MOST_ENTERPRISES = 5

/** Keep a licence as it was shown; one that may not be kept takes what was kept of it along. */
export function keepDetail(whose: Whose, licence: LicenceDetail): void {
  if (!whose.person) return
  if (!licence.keep_until) return dropKept(whose, licence.id)
  const items = details(whose.person)
  const name = nameOf(whose, licence.id)
  const before = items[name]
  if (before && (before.version !== licence.version || licence.status !== 'VALID')) dropFace(whose.person, name)
  writeStored(KEPT_DETAILS, { owner: whose.person, items: { ...items, [name]: licence } })
}

/** A licence as it was last shown on this phone, marked as old. */
export function keptDetail(whose: Whose, id: string, now: number = Date.now()): LicenceDetail | null {
  const found = whose.person ? details(whose.person)[nameOf(whose, id)] : undefined
  return found && isGood(found.keep_until, now) ? { ...found, freshness: 'stale' } : null
}

/** Keep the picture of a valid licence; the oldest ones make room for it. */
export function keepFace(whose: Whose, licence: LicenceDetail, purpose: string, src: string): void {
  if (!whose.person || !licence.keep_until || licence.status !== 'VALID' || src.length > LARGEST_FACE) return
  const id = nameOf(whose, licence.id)
  const note: FaceNote = { id, version: licence.version, purpose, keptAt: new Date().toISOString(), until: licence.keep_until, size: src.length }
  const others = faces(whose.person).filter((one) => one.id !== id)
  while (others.length > 0 && note.size + others.reduce((sum, one) => sum + one.size, 0) > ALL_FACES) dropStored(faceKey(others.shift()!.id))
  writeStored(faceKey(id), src)
  writeStored(KEPT_FACES, { owner: whose.person, items: [...others, note] })
}

/** The face of this very version as it was last drawn for this phone. */
export function keptFace(whose: Whose, licence: LicenceDetail, now: number = Date.now()): KeptFace | null {
  const id = nameOf(whose, licence.id)
  const note = whose.person ? faces(whose.person).find((one) => one.id === id) : undefined
  if (!note || note.version !== licence.version || !isGood(note.until, now)) return null
  const src = readStored<string>(faceKey(note.id))
  return src ? { src, purpose: note.purpose, keptAt: note.keptAt } : null
}

/** Forget one licence. */
export function dropKept(whose: Whose, id: string): void {
  if (whose.person) dropNamed(whose.person, nameOf(whose, id))
}

/**
 * Forget what a wallet that has just come says has ended. Of an issuer that does not answer nothing is
 * known, so while one is silent a licence that is not there may still be good.
 */
export function dropEnded(whose: Whose, wallet: Wallet): void {
  const all = wallet.sources.every((source) => source.status !== 'unavailable')
  for (const name of keptOf(whose)) {
    const card = wallet.items.find((one) => nameOf(whose, one.id) === name)
    const before = details(whose.person)[name]
    if (card ? card.status !== 'VALID' && card.status !== before?.status : all) dropNamed(whose.person, name)
  }
}

/** Keep an enterprise's page: its register and its licences, not its figures, which are of their day. */
export function keepEnterprise(person: string, detail: EnterpriseDetail): void {
  if (!person) return
  const others = enterprises(person).filter((one) => one.uscc !== detail.uscc)
  writeStored(KEPT_ENTERPRISES, { owner: person, items: [...others, { ...detail, sections: [] }].slice(-MOST_ENTERPRISES) })
  dropEnded({ person, uscc: detail.uscc }, detail.wallet)
}

/** An enterprise's page as it was last opened here, every licence marked as old. */
export function keptEnterprise(person: string, uscc: string): EnterpriseDetail | null {
  const found = enterprises(person).find((one) => one.uscc === uscc)
  if (!found) return null
  const items = found.wallet.items.map((card) => ({ ...card, freshness: 'stale' as const }))
  return { ...found, wallet: { ...found.wallet, items } }
}

/** Forget an enterprise for which one does not act any more, with its licences. */
export function dropEnterprise(person: string, uscc: string): void {
  if (!person) return
  for (const name of keptOf({ person, uscc })) dropNamed(person, name)
  writeStored(KEPT_ENTERPRISES, { owner: person, items: enterprises(person).filter((one) => one.uscc !== uscc) })
}

function nameOf(whose: Whose, id: string): string {
  return whose.uscc ? `${whose.uscc}/${id}` : id
}

/** The names of what is kept of one wallet. */
function keptOf(whose: Whose): string[] {
  const names = new Set([...Object.keys(details(whose.person)), ...faces(whose.person).map((one) => one.id)])
  return [...names].filter((name) => (whose.uscc ? name.startsWith(`${whose.uscc}/`) : !name.includes('/')))
}

function enterprises(person: string): EnterpriseDetail[] {
  const kept = readStored<KeptEnterprises>(KEPT_ENTERPRISES)
  return kept && person && kept.owner === person ? kept.items : []
}

function details(person: string): Record<string, LicenceDetail> {
  const kept = readStored<KeptDetails>(KEPT_DETAILS)
  return kept?.owner === person ? kept.items : {}
}

/** The notes of somebody's faces; those of another person who was here before are thrown away. */
function faces(person: string): FaceNote[] {
  const kept = readStored<KeptFaces>(KEPT_FACES)
  if (kept?.owner === person) return kept.items
  for (const one of kept?.items ?? []) dropStored(faceKey(one.id))
  return []
}

function dropNamed(person: string, name: string): void {
  dropFace(person, name)
  const { [name]: gone, ...rest } = details(person)
  if (gone) writeStored(KEPT_DETAILS, { owner: person, items: rest })
}

function dropFace(person: string, name: string): void {
  dropStored(faceKey(name))
  writeStored(KEPT_FACES, { owner: person, items: faces(person).filter((one) => one.id !== name) })
}

function isGood(until: string | null | undefined, now: number): boolean {
  return Boolean(until) && now < Date.parse(until as string)
}
