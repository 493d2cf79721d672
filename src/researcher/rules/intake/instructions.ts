/** Words before the verb of an instruction. */
const openers = new Set(
  `please pls kindly also then and but so just finally afterwards afterward after later next ok okay btw first second
  lastly additionally plus or trex when once done it's it is that's finished to for us me you should can could would
  will must may need i we want would like let let's`.split(/\s+/),
);
/** Function words: none of them is the verb of an instruction. */
const functionWords = new Set(
  `a an the this that these those my our your his her its their each every all any some no both either neither it they
  we i you he she who which what where when why how if because since as than there here of in on at by for with from to
  into onto over under about between through during within without against among per via and or but nor so yet not is
  are was were be been being am do does did has have had will would can could shall should may might must one two three
  many much more most few less several other another such same own very too only just even still`.split(
    /\s+/,
  ),
);
/** Verbs that a model learns: such a clause describes the task, wherever the verb stands in it. */
const taskVerb =
  /\b(?:fine-?tun\w*|finetun\w*|train(?:ing|ed|s)?|teach\w*|learn\w*|turns?|turning|convert\w*|rewrit\w*|transform\w*|translat\w*|normali[sz]\w*|extract\w*|classif\w*|categori[sz]\w*|predict\w*|summari[sz]\w*|detect\w*|recogni[sz]\w*|identif\w*|generat\w*|decides?|paraphras\w*|redact\w*|anonymi[sz]\w*|distinguish\w*|solv(?:e|es|ing)|moderat\w*|triag\w*)\b/;
/** Verbs that are nouns as well: they count as the verb of a clause, or behind `to`. */
const taskVerbAhead =
  /^(?:map|route|label|tag|sort|answer|write|reply|respond|parse|rank|grade|correct|complete|explain|assign|format|recommend|flag|add|improve|build|help|tell|score|count|match|fill|spell|name)$/;
const taskVerbBehind =
  /\bto (?:map|route|label|tag|sort|answer|write|reply|respond|parse|rank|grade|correct|complete|explain|assign|format|recommend|flag|add|tell|score|count|match|fill|name)\b/;
/** Verbs that also begin a description: `use my tickets to predict the queue`, `make it answer politely`. */
const modest = new Set('use take get give make have want need'.split(' '));
/** Work around a training that people ask of the bot; other verbs are recognised by the object that follows. */
const operating = new Set(
  `use keep deploy email mail send save push upload publish export post share notify ping report log track set try start
  run stop skip ignore include exclude avoid prefer ensure freeze unfreeze merge quantize quantise register evaluate eval
  compare test benchmark shuffle dedupe deduplicate clean filter augment balance sample split resume continue schedule
  wait remind reserve book install download fetch pull mount copy move delete remove drop cancel restart retry monitor
  watch serve host ship release tune sweep search pick choose select stick limit cap restrict enable disable switch
  load store cache archive warm draw plot show print open close create call treat respect follow check verify validate
  optimise optimize maximise maximize minimise minimize reuse repeat do go put begin end finish let leave hold weight push print`.split(
    /\s+/,
  ),
);
/** Verbs that are as often the task as something around it: `filter spam`, `filter the rows`. */
const either = new Set(
  'clean filter split compare check pick choose select verify validate draw create treat sample balance close open move'.split(
    ' ',
  ),
);
const object =
  /^(?:it|them|me|us|him|her|the|a|an|our|my|your|this|that|these|those|all|any|every|each|both|everything|anything|nothing|somebody|someone)$/;
/** Statements of people about themselves: `we run a helpdesk`. */
const ofThemselves =
  /^(?:we|i|they|he|she)\s+(?!(?:want|need|would|wish|like|will|must|should|can|could|may|ask|expect)\b)/;
const refusal =
  /^(?:don't|dont|do not|never|no|not|without|avoid|nothing|nobody|stop|shouldn't|mustn't|can't|cannot|won't)\b/;
const demand =
  /\b(?:make sure|be sure|ensure|only|exclusively|please|remember|keep in mind|note that|prefer(?:ably)?|i(?:'d| would)? (?:want|like|need) you|you (?:should|can|must|may|need|have)|(?:can|could|would|will) you|it (?:must|should|has to|needs to))\b/;
/** Words about the training and its machines: without a verb of a task, a clause with one is no description of it. */
const machinery =
  /\b(?:gpus?|cuda|vram|dockers?|kubernetes|slurm|wandb|mlflow|hugging ?face|weights|adapters?|checkpoints?|licen[sc]ed?|seeds?|cross[- ]validation|pull requests?|prs?|tokens|context window|embeddings?|optimi[sz]ers?|schedulers?|quanti[sz]\w*|tokeni[sz]ers?|base model|case[- ]insensitive(?:ly)?|ignoring (?:upper|lower|case)|(?:per|each|every) (?:runs?|trials?|nodes?|branch|experiments?)|afterwards?)\b/;

/**
 * The kind of a stretch of a request: an instruction to the bot, or a description of the task. `isAsked`: a question
 * mark follows. `either` is the task where nothing else is.
 */
export function kindOf(text: string, isAsked: boolean): 'instruction' | 'description' | 'either' {
  const said = text.trim().replace(/^\W+/, '');
  const verb = said.split(/\s/)[0] ?? '';
  if (!isInstruction(said, isAsked)) return 'description';
  return either.has(verb) && !demand.test(said) && !machinery.test(said) ? 'either' : 'instruction';
}

function isInstruction(said: string, isAsked: boolean): boolean {
  if (refusal.test(said)) return true;
  const words = said.match(/[\p{L}][\p{L}\p{N}'-]*|⟦[a-z]\d+⟧|\d[\d.,]*/gu) ?? [];
  let at = 0;
  while (at < words.length - 1 && openers.has(words[at] ?? '') && !operating.has(words[at] ?? '')) at++;
  const [verb = '', next = ''] = [words[at], words[at + 1]];
  const isTask = taskVerb.test(said) || taskVerbBehind.test(said) || taskVerbAhead.test(verb);
  if (isAsked) return !isTask;
  if (demand.test(said)) return !isTask;
  if (ofThemselves.test(said)) return false;
  if (machinery.test(said) && !isTask) return true;
  if (verb === '' || functionWords.has(verb)) return false;
  if (modest.has(verb)) return operating.has(verb) && !isTask;
  if (operating.has(verb)) return true;
  // `defrost the layers`: a bare word with an object behind it is a verb.
  const isVerb = /^[a-z]+$/.test(verb) && !/(?:[^s]s|ing|ed)$/.test(verb);
  return isVerb && object.test(next) && !taskVerbAhead.test(verb) && !taskVerb.test(verb);
}
