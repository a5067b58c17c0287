"""How well a judge tells an influencer's own drafts from others', on labelled data.

labelled  reading creators.jsonl and drafts.jsonl     scorers  measured likeness, or a judge that reads
scoring   one run over the drafts                     scored   its scores as columns, and the bootstrap over them
measures  AUC, calibration, abstention                compare  saving a run, and setting a later one against it
plot      the reliability plot
"""
