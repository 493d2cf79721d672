/** Words whose misspellings are corrected before anything is read. */
export const vocabulary =
  `accuracy accurate exact match contains target budget minute minutes second seconds hours dollars spend
  spending approve approval approvals deadline tomorrow today tonight monday tuesday wednesday thursday friday
  saturday sunday parallel concurrent concurrently simultaneously experiment experiments round rounds nodes greedy
  sequential sequentially policy default whatever cancel forget never model metric measure adapter adapters
  fine-tune percent least above below under before asking without actually instead attached attachment
  leave label labels title`.split(/\s+/);

/** Ordinary words that lie one slip from the vocabulary. */
export const ordinaryWords: ReadonlySet<string> = new Set(
  `march much catch batch patch watch about again moment notes modes spent speed send sound found hour house
  touch first there where three their these those store score shows shown level lever learn models model's matches
  matched metrics targets budgets minuted seconded titles labelled labeled label's ruled clever lease latest last leaves
  approved approves asked aging basking along alone among round's around ground exactly accurately contain contained
  policies sundays mondays fridays older order forgot foretell cancelled canceled cancels united units cents recent
  precent deadlines spends title's instance measured measures measuring contents sequence sequences experience hours'
  taught talent balance balanced beyond mastered battery`.split(/\s+/),
);
