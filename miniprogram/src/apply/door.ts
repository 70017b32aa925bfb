/** Where applications are asked for: an enterprise's, which one represents, or (without code) one's own. */
export const casesAt = (uscc = '', caseNo = '') => {
  const door = uscc ? `/enterprise/enterprises/${encodeURIComponent(uscc)}/cases` : '/citizen/cases'
  return caseNo ? `${door}/${encodeURIComponent(caseNo)}` : door
}

/** The code in an address, for the pages that follow. */
export const along = (uscc: string): Record<string, string> => (uscc ? { uscc } : {})
