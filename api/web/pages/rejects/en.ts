export const en = {
  title: 'Rejects',
  about:
    'Lines that looked like reports and could not be read, the newest first. Nothing of them was counted.',
  columns: { at: 'Received', source: 'Source', reason: 'What is wrong', line: 'Line' },
  where: 'at',
  show: 'Show the line',
  hide: 'Hide the line',
  cut: 'Lines are kept up to 4 KiB.',
  none: 'Nothing was rejected',
  noneHint: 'Every line that looked like a report could be read.',
}

export type RejectsWords = typeof en
