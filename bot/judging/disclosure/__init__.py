"""Whether a sponsored text says that it is advertising, country by country, by dated rules. Not legal advice.

check     the check itself                       messages  its results in words
text      folding a text for the search          lexicon   finding labels in it; patterns: how they are written;
labels    in which form one stands there         broken    denials over a line break
findings  what one text means for one country    rulebook, load, ruleset  the rules: values, files, compiled
ready     one line that passes everywhere        refusals  sensitive words that are refused
page      docs/disclosure.md, made from the rules
"""
