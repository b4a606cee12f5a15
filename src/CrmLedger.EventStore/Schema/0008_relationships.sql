-- What the view of trust held is now a part of the view of relationships, which is made from the log.
delete from ledger.view_rows where view = 'trust';
delete from ledger.quarantine where view = 'trust';
delete from ledger.views where view = 'trust';
