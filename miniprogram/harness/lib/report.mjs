// A closing line per command, so that a reader of a long log sees the outcome at once.

/** Print `line()` when every test of the file has passed, and say so when one has not. */
export function closingLine(line) {
  process.on('exit', (code) => {
    console.log(code === 0 && !process.exitCode ? `harness: ok, ${line()}` : 'harness: FAILED, see above')
  })
}
