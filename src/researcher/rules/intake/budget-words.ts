import { numberPattern } from '../../../lib/parse/words.ts';
import { amountMark } from './marked-text.ts';

const upTo = String.raw`(?:(?:up to|at most|max(?:imum)?(?: of)?|no more than|not more than|about|around|roughly|say|only|just|another|a total of|under|below|within|between)\s+){0,2}`;
const connecting = String.raw`(?:\s*(?:is|of|to|at|will be|would be|should be|can be|limit|cap|for this|for it|here|in total|in all|total|overall|max|maximum|say|now|set|as|a|an|the|[:=,-])(?![a-z])){0,5}`;
const spender = String.raw`(?<!\b(?:they|users?|customers?|people|who|clients?|companies|that|we|i|which) )spend`;

/** Words that make a limit of the whole out of the amount beside them. */
const bindingOf = (amount: string): RegExp[] =>
  [
    `\\bbudget${connecting}\\s*${upTo}${amount}`,
    `\\bbudget[^⟦.;!?\\n,]{0,40}?(?:\\bis|\\bof|\\bat|\\bto|:|=)\\s*${upTo}${amount}`,
    `(?:\\b${spender}(?:ing)?|\\bpay|\\bafford|\\ballow(?:ance|ed)?|\\binvest|\\bburn|\\bcap(?:ped)?|\\bmax(?:imum)?(?: total)? (?:cost|compute|time))(?: yourself| yourselves| it| this| everything| all of (?:it|this)| (?:the )?(?:spend|spending|costs?|compute|total|whole (?:thing|campaign|search)|campaign|search))?${connecting}\\s*${upTo}${amount}`,
    `\\b${spender}(?:ing)?\\b[^⟦.;!?\\n,]{0,40}?\\b(?:up to|at most|no more than|max(?:imum)?(?: of)?)\\s+${amount}`,
    `\\b(?:don't|do not|not|never|won't|can't|cannot|shouldn't)(?: want (?:you )?to)? (?:spend|pay|use|burn|cost|take)(?:ing)?(?: us)? (?:more than|over|above|beyond)\\s+${amount}`,
    `\\bspend(?:ing)?${connecting}\\s*${upTo}${amount}(?=\\s+(?:on|for) (?:this|it)\\b)`,
    `(?:(?:time|cost|spending|compute|money|hard|overall|total)[- ]limit|\\blimit)(?: is| of|\\s*[:=])?\\s*${upTo}${amount}`,
    `\\blimit (?:it|this|yourself|cost|costs|spending|compute|the (?:campaign|search|cost|costs|spending|compute|time|run|whole thing)) (?:to|at)\\s+${upTo}${amount}`,
    `\\b(?:must|should|may|can|to|shall)(?: not|n't)? (?:cost|exceed|take|use|go (?:over|above|beyond))(?: more than| over)?\\s+${upTo}${amount}`,
    `\\b(?:do not|don't|not|never|without) (?:exceed(?:ing)?|go(?:ing)? (?:over|above|beyond)|us(?:e|ing) more than)\\s+${amount}`,
    `\\b(?:stay|keep (?:it|this|cost|costs|spend|spending|everything|the (?:cost|costs|spend|total|whole thing)))(?:ing)? (?:under|below|within|to)\\s+${upTo}${amount}`,
    `\\b(?:you (?:have|get|may use|can use|can have|may have)|(?:use|take)(?= (?:up to|at most|no more|not more|max|only))|give (?:it|you|this))\\s+${upTo}${amount}(?!\\s+of (?:data|logs|audio|speech|video))`,
    `\\b(?:we|i) have\\s+${upTo}${amount}(?=\\s*(?:[,.;!?\\n]|$|(?:on|for) (?:this|it)|to spend|in (?:all|total)))`,
    `\\b(?:run|train|search|work|experiment|explore|go)(?: it| this| on it| on this)? for\\s+${upTo}${amount}`,
    `\\b(?:not|no) more than\\s+${amount}(?=\\s*(?:in (?:all|total)|total|overall|altogether))`,
    `${upTo}${amount}(?=\\s*(?:of |as |for )?(?:the |my |our |a )?(?:budget|compute\\b|gpu time|in (?:all|total)\\b|total\\b|overall\\b|altogether\\b|all in\\b|for (?:everything|the whole)|(?:on|for) this\\b))`,
    `${upTo}${amount}(?=\\s*\\(?(?:a |the |my |our )?(?:hard |strict |absolute |total )?(?:limit|cap|ceiling)\\b(?!\\s*(?:per|each|every|(?:for|on) (?:a|an|one|any|each|every|single))\\b))`,
    `\\b(?:raise|increase|lift|extend|lower|reduce|cut|set|change|make|bring|bump)(?: (?:it|this|that|(?:the|my) (?:budget|limit|cap)))?(?: back| up| down)?\\s+to\\s+${upTo}${amount}`,
  ].map((pattern) => new RegExp(pattern, 'g'));

export const boundAmount = bindingOf(amountMark);

/** A number of nothing: `don't spend more than 5`. */
export const boundNumber = bindingOf(
  `(?<number>${numberPattern})(?![\\w%⟦⟧]|[.:,]\\d)(?=\\s*(?:[,;!?\\n]|\\.(?:\\s|$)|$|in (?:all|total)\\b|total\\b|overall\\b|please\\b|max\\b|tops\\b|(?:on|for) (?:this|it)\\b))`,
);

const noun = String.raw`(?:\s+((?!or |and |but |to |for |in |at |with |per |a |max|tops|please|total|overall|ask|by |until |on |then |use |metric|target)[a-z]+))?`;
export const bareBudget = new RegExp(
  `\\bbudget${connecting}\\s*${upTo}(-?${numberPattern})[km]?(?![\\d.,]*\\s*%|[\\w.:])${noun}`,
);
export const budgetOfSetting = new RegExp(`\\bbudget${connecting}\\s*${upTo}⟦h(\\d+)⟧`);

/** One amount for the whole campaign is no amount a day or a run. */
export const rate =
  /^ *(?:\/|per\b|each\b|every\b|apiece\b|an? (?:day|night|week|month|quarter|year|run|node|branch|trial|experiment|person|gpu|row|ticket|item)\b)/;
/** The units of a rate, beside which a clause is about nothing but the amount. */
export const rateNouns =
  'per each every apiece day daily night week weekly month monthly quarter year run node branch trial experiment person gpu'.split(
    ' ',
  );

const habit =
  /\b(?:we|they|users?|customers?|people|agents?|i|the team)(?: \w+)? (?:spend|spent|waste|wasted|pay|paid|need|take|took)\b/;
const people =
  '(?:customers?|clients?|users?|people|persons?|buyers?|leads?|compan(?:y|ies)|teams?|departments?|students?|patients?|famil(?:y|ies)|guests?|applicants?|employees?|agents?|projects?|orders?|they|those|who|someone|somebody|\\w{3,}(?:ers|ors|ants|ists))';
const ownersBefore = new RegExp(
  `(?:\\b${people}(?: \\w+){0,2} (?:with|have|has|having|on|whose)(?: an?| the)?|\\b(?:their|his|her|its|whose)(?: \\w+)?|\\w's(?: \\w+)?)\\s+$`,
);
/** `our department budget`: a word between the article and `budget` says whose it is. */
const modified = /\b(?:the|our|my|your|a|an|this|each)\s+(?:[\w-]+\s+){0,2}?([\w-]+)\s+$/;
const ownModifier =
  /^(?:total|overall|whole|full|compute|gpu|time|training|tuning|fine-tuning|campaign|search|money|cost|spending|dollar|max|maximum|hard|tight|small|tiny|fixed|rough|initial|new|current|remaining|the|our|my|your|limited|strict|low|generous|modest|firm)$/;

/** `orders may cost up to $500`: a limit on orders, not on the campaign. */
const modal = /^(?:must|should|may|can|shall|to)\b/;
const ownSubject =
  /(?:^|\b(?:it|this|that|you|everything|nothing|all|total|costs?|spending|budget|training|trainings|campaign|search|run|runs|thing|job|compute|want|need|like|not|trex|bot|try|only|which))\s*$/;

/** The amount is not the speaker's: it belongs to customers or a department, or is spent by hand. */
export function isOthers(clause: string, match: string): boolean {
  if (habit.test(clause)) return true;
  const start = clause.indexOf(match);
  if (modal.test(match)) return !ownSubject.test(clause.slice(0, start));
  if (/\bbudgets\b/.test(match)) return true;
  if (!/\bbudget\b/.test(match)) return false;
  const ahead = clause.slice(0, start + match.search(/\bbudget\b/));
  const modifier = modified.exec(ahead)?.[1];
  return ownersBefore.test(ahead) || (modifier !== undefined && !ownModifier.test(modifier));
}

/** The clause is a sentence about something else that goes on behind the amount. */
export const goesOnBehind =
  /^ +(?!(?:in|on|for|to|at|and|or|but|max|maximum|total|overall|tops|please|now|then|per|with|by|until|before|only|here|this|as|of|is|from|using|use|ask|metric|target)\b)[a-z]{2,}(?!\w*\s*[=:])/;
