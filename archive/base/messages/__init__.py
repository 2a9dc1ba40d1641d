"""What Kho says to people, by code, in Vietnamese and English: data, and the one loader.

`errors/` has three sentences for each error, one file a floor. `faults/` has one sentence for each
fault of a submission, one file an area. `shared.yaml` has the sentences that several errors share.
"""
