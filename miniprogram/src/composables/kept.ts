/**
 * What this phone keeps of one's own licences for the time without a network: their contents and their
 * faces, masked as the gateway masked them. It is shown with its age, no longer than the type of the
 * licence allows, and goes with the log-in, with the licence, and where the type forbids keeping it.
 */
import type { LicenceDetail, Wallet } from '@/api/types'
import { dropStored, readStored, writeStored } from '@/lib/storage'
import { KEPT_DETAILS, KEPT_FACES, faceKey } from '@/stores/session'

interface KeptDetails {
  owner: string
  items: Record<string, LicenceDetail>
}

interface FaceNote {
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

/** Keep a licence as it was shown; one that may not be kept takes what was kept of it along. */
export function keepDetail(owner: string, licence: LicenceDetail): void {
  if (!owner) return
  if (!licence.keep_until) return dropKept(owner, licence.id)
  const items = details(owner)
  const before = items[licence.id]
  if (before && (before.version !== licence.version || licence.status !== 'VALID')) dropFace(owner, licence.id)
  writeStored(KEPT_DETAILS, { owner, items: { ...items, [licence.id]: licence } })
}

/** A licence as it was last shown on this phone, marked as old. */
export function keptDetail(owner: string, id: string, now: number = Date.now()): LicenceDetail | null {
  const found = owner ? details(owner)[id] : undefined
  return found && isGood(found.keep_until, now) ? { ...found, freshness: 'stale' } : null
}

/** Keep the picture of a valid licence; the oldest ones make room for it. */
export function keepFace(owner: string, licence: LicenceDetail, purpose: string, src: string): void {
  if (!owner || !licence.keep_until || licence.status !== 'VALID' || src.length > LARGEST_FACE) return
  const note: FaceNote = { id: licence.id, version: licence.version, purpose, keptAt: new Date().toISOString(), until: licence.keep_until, size: src.length }
  const others = faces(owner).filter((one) => one.id !== licence.id)
  while (others.length > 0 && note.size + others.reduce((sum, one) => sum + one.size, 0) > ALL_FACES) dropStored(faceKey(others.shift()!.id))
  writeStored(faceKey(licence.id), src)
  writeStored(KEPT_FACES, { owner, items: [...others, note] })
}

/** The face of this very version as it was last drawn for this phone. */
export function keptFace(owner: string, licence: LicenceDetail, now: number = Date.now()): KeptFace | null {
  const note = owner ? faces(owner).find((one) => one.id === licence.id) : undefined
  if (!note || note.version !== licence.version || !isGood(note.until, now)) return null
  const src = readStored<string>(faceKey(note.id))
  return src ? { src, purpose: note.purpose, keptAt: note.keptAt } : null
}

/** Forget one licence. */
export function dropKept(owner: string, id: string): void {
  dropFace(owner, id)
  const { [id]: gone, ...rest } = details(owner)
  if (gone) writeStored(KEPT_DETAILS, { owner, items: rest })
}

/**
 * Forget what a wallet that has just come says has ended. Of an issuer that does not answer nothing is
 * known, so while one is silent a licence that is not there may still be good.
 */
export function dropEnded(owner: string, wallet: Wallet): void {
  const all = wallet.sources.every((source) => source.status !== 'unavailable')
  const known = new Set([...Object.keys(details(owner)), ...faces(owner).map((one) => one.id)])
  for (const id of known) {
    const card = wallet.items.find((one) => one.id === id)
    if (card ? card.status !== 'VALID' && card.status !== details(owner)[id]?.status : all) dropKept(owner, id)
  }
}

function details(owner: string): Record<string, LicenceDetail> {
  const kept = readStored<KeptDetails>(KEPT_DETAILS)
  return kept?.owner === owner ? kept.items : {}
}

/** The notes of somebody's faces; those of another person who was here before are thrown away. */
function faces(owner: string): FaceNote[] {
  const kept = readStored<KeptFaces>(KEPT_FACES)
  if (kept?.owner === owner) return kept.items
  for (const one of kept?.items ?? []) dropStored(faceKey(one.id))
  return []
}

function dropFace(owner: string, id: string): void {
  dropStored(faceKey(id))
  writeStored(KEPT_FACES, { owner, items: faces(owner).filter((one) => one.id !== id) })
}

function isGood(until: string | null | undefined, now: number): boolean {
  return Boolean(until) && now < Date.parse(until as string)
}
