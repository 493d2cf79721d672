/** The hint under a message that the bot could not read: short, since it may be posted often. */
export const notUnderstoodText =
  'I did not understand that; nothing was changed. Usual words here are `status`, `why 7`, `pause`, `stop`, `wrap up` and `raise the budget to 20 min`; `help` lists all.';

/** The abilities of the bot, with words to copy. */
export const helpText = [
  'I fine-tune models while you do something else. Mention me with a sentence on what the model should learn, attach rows (JSONL or CSV) or name one of my tasks, and say what it may cost. For example:',
  '`fine-tune the small model to turn messy dates into ISO, budget 10 minutes, ask me above 1 minute a node`',
  'In the thread of a campaign, mention me with `status`, `show 7`, `why 7`, `pause`, `continue`, `stop`, `wrap up`, `summary`, `page`, `approve 7`, `approve 7 cheaper`, `reject 7`, `raise the budget to 20 min`, `price $2.50`, `drop LoRA`, `focus on short answers`, `pin 9`, `ban 7`, `more synthetic data`, `steering`, and at the end `ship it`. Ask me `why did 9 beat 4?`, `what would 10 more minutes buy?`, `what did you find?`.',
  'Anywhere: `status`, `page`, `stop`, `which tasks do you have?`, `which models do you have?`, `how much did we spend this week?`, `where is my campaign?`.',
  'What you say to each other without mentioning me changes nothing.',
].join('\n');
