-- What is counted of very many rows stands beside them, packed: turning a million rows into text and parsing them again
-- takes seconds. And a row is written once and read whole, so that jsonb's parsing on the way in and its writing on the
-- way out bought nothing: as json it is kept as the text that it is. Every view is made again by its new version.
alter table ledger.view_rows add column summary bytea null;
alter table ledger.view_rows alter column row type json using row::json;
