import { api } from '@/api/client'
import type { Me } from '@/api/types'
import { readStored, writeStored } from '@/lib/storage'
import { usePreferences } from './preferences'
import { useSession } from './session'

/**
 * What the person chose follows them from device to device: the elder version and the place are
 * kept here for people who are not logged in, and at the gateway for those who are.
 */
const UNSENT = 'elder-unsent'

/** Ask for the person again and take over what they chose elsewhere. */
export async function refreshMe(): Promise<Me> {
  return ofWhoAsked(() => api.get<Me>('/citizen/me'))
}

/** Take over the person of an answer, unless whoever asked has logged out or given the phone to somebody else. */
async function ofWhoAsked(ask: () => Promise<Me>): Promise<Me> {
  const session = useSession()
  const asked = session.state.person?.id
  const me = await ask()
  if (session.state.person?.id === asked) session.setPerson(me)
  return me
}

/** After a log-in: a choice made on this device before it wins, else the person's own one. */
export async function afterLogin(): Promise<void> {
  const session = useSession()
  const preferences = usePreferences()
  const me = session.state.person
  if (!me) return
  if (readStored<boolean>(UNSENT)) await sendPreferences({ elder: preferences.state.elder })
  else if (me.elder !== preferences.state.elder) preferences.setElder(me.elder)
}

/** Turn the elder version on or off, here at once and at the gateway when somebody is logged in. */
export async function chooseElder(on: boolean): Promise<void> {
  usePreferences().setElder(on)
  if (useSession().loggedIn.value) await sendPreferences({ elder: on })
  else writeStored(UNSENT, true)
}

/** Choose the place; the gateway is told when somebody is logged in. */
export async function chooseRegion(region: { code: string; name: string }): Promise<void> {
  usePreferences().setRegion(region)
  if (useSession().loggedIn.value) await sendPreferences({ region_code: region.code })
}

/** A preference that does not reach the gateway still holds on this device. */
async function sendPreferences(change: { elder?: boolean; region_code?: string }): Promise<void> {
  try {
    await ofWhoAsked(() => api.patch<Me>('/citizen/me/preferences', change))
    if (change.elder !== undefined) writeStored(UNSENT, false)
  } catch {
    if (change.elder !== undefined) writeStored(UNSENT, true)
  }
}
