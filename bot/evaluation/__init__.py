"""How well a judge tells an influencer's own drafts from others', on labelled data.

labelled  reading creators.jsonl and drafts.jsonl     scorers  measured likeness, or a judge that reads
measures  AUC, calibration, abstention, cost
"""
