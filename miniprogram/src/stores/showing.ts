/**
 * Which licence is to be shown next: a tab takes no query, so the page that sends somebody there says
 * it here. In memory only, and taken once.
 */
let wanted = ''

export function wantShown(licenceId: string): void {
  wanted = licenceId
}

export function takeWanted(): string {
  const licenceId = wanted
  wanted = ''
  return licenceId
}
