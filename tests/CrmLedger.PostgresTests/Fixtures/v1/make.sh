#!/usr/bin/env bash
# Made what lies beside it, once: make.sh CHECKOUT OUT
# CHECKOUT is a checkout of the version whose data it is to be (README.md says which), built; OUT a new folder. Drives
# the real server and command line with curl, jq and pg_dump. Ids, keys and times are new with each run.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
checkout=$1 out=$2
mkdir -- "$out" "$out/proofs"
home=$(mktemp -d) port=25479
chmod 0755 "$home" # PostgreSQL runs as somebody else when root makes it
export CRMLEDGER_URL=http://127.0.0.1:$port CRMLEDGER_HOME=$home
program=$checkout/.artifacts/bin/CrmLedger.Cli/release/CrmLedger.Cli
crmledger() { "$program" "$@"; }

"$program" serve --no-demo --urls "$CRMLEDGER_URL" >"$home/server.log" 2>&1 &
server=$!
trap 'kill "$server" && wait "$server"; rm -rf -- "$home"' EXIT
until curl -fsS -o /dev/null "$CRMLEDGER_URL/health/ready" 2>/dev/null; do sleep 0.2; done

new_key() { # TENANT NAME SCOPES: into keys.json under TENANT-NAME
  local key
  key=$(crmledger keys create --tenant "$1" --name "$2" --scopes "$3" --json | jq -r .key)
  jq --arg name "$1-$2" --arg key "$key" '. + {($name): $key}' "$out/keys.json" >"$home/keys"
  mv "$home/keys" "$out/keys.json"
}
echo '{}' >"$out/keys.json"
for tenant in north south; do
  new_key "$tenant" all append,read,lead,audit
  new_key "$tenant" admin admin
done
new_key north daily append,read
new_key north leader lead
new_key north revoked read,lead
key() { jq -r --arg name "$1" '.[$name]' "$out/keys.json"; }
tenant=north
use() { tenant=$1 CRMLEDGER_KEY=$(key "$1-all"); export CRMLEDGER_KEY; }
ask() { curl -sS --fail-with-body -H "Authorization: Bearer $CRMLEDGER_KEY" "$CRMLEDGER_URL/v1/$1"; }
say() { # PATH BODY [curl options, such as -H 'If-Match: "1"']
  local path=$1 body=$2
  shift 2
  curl -sS --fail-with-body -H "Authorization: Bearer $CRMLEDGER_KEY" "$CRMLEDGER_URL/v1/$path" \
    --data-binary "$body" "$@" ||
    { echo " $path $body" >&2; return 1; }
  echo
}
about() { # CUSTOMER [PATH BODY]...: says one after the other
  local customer=$1
  shift
  while (($# > 0)); do
    say "customers/ref:$customer/$1" "$2" >/dev/null
    shift 2
  done
}
in_seconds() { date -u -d "+$1 seconds" +%Y-%m-%dT%H:%M:%SZ; }
event_of() { ask "customers/ref:$1/history" | jq -r --arg type "$2" '[.events[] | select(.type == $type)][0].id'; }
settle() { # until every view reflects the log and all of it is signed
  until ask status | jq -e 'all(.views[]; .lag == 0)' >/dev/null &&
    [[ $(ask status | jq .head.size) == $(curl -sS "$CRMLEDGER_URL/log/$tenant/checkpoint" | sed -n 2p) ]]; do
    sleep 0.2
  done
}
prove() { # CUSTOMER TYPE NAME: a receipt and the event's leaf
  local id
  id=$(event_of "$1" "$2")
  ask "events/$id/receipt?format=tlog-proof" >"$out/proofs/$3.tlog-proof"
  ask "events/$id" | jq -r .leafHash >"$out/proofs/$3.leaf"
}

# A year, as a completed import. What was due in it and not said is the clock's to say, soon after.
use north
jq -nc -f "$here/history.jq" >"$home/our-crm.jsonl"
crmledger import events "$home/our-crm.jsonl" >/dev/null
settle

# As it happens. A short deadline passes while this script runs.
say members '{"reference":"tom","name":"Tom Ny","team":"service"}' >/dev/null
say members/ref:tom/move-team '{"toTeam":"support"}' >/dev/null
say members/ref:nadia/move-team '{"toTeam":"service"}' >/dev/null
for customer in kim lena mo greta gina; do
  say customers "{\"reference\":\"$customer\",\"name\":\"Name of $customer\",\"segment\":\"retail\"}" \
    -H "Idempotency-Key: \"register-$customer\"" >"$home/first"
done
say customers '{"reference":"gina","name":"Name of gina","segment":"retail"}' \
  -H 'Idempotency-Key: "register-gina"' | jq -e .replayed >/dev/null
say customers/ref:kim/touchpoints '{"touchpointId":"t1","channel":"chat","direction":"inbound","memberId":"ref:tom",
  "summary":"Kim asked.","practices":["let_finish"]}' -H 'If-Match: "1"' -H 'Correlation-Id: call-1' >/dev/null
say customers/ref:kim/touchpoints '{"touchpointId":"t2","channel":"phone","direction":"outbound",
  "memberId":"ref:tom"}' -H 'ce-source: telephone' -H 'ce-id: 4711' -H 'Causation-Id: t1' >/dev/null
jq -nc '{specversion: "1.0", id: "a/1", source: "shop", type: "purchase_recorded", subject: "customer/kim",
  data: {purchaseId: "a1", amountMinor: 4200, currency: "SEK"}, till: "7", sequence: 12}' >"$home/event"
for _ in 1 2; do # the second changes nothing
  say events "@$home/event" -H 'Content-Type: application/cloudevents+json' >/dev/null
done
promise() { # ID DUE MEMBER
  printf '{"promiseId":"%s","kind":"callback","conditions":"What %s says.","dueAt":"%s","memberId":"ref:%s"}' \
    "$1" "$1" "$2" "$3"
}
for p in kept moved refused withdrawn released handed open; do
  about kim promises "$(promise "$p" 2027-03-03T16:00:00Z tom)"
done
soon=$(in_seconds 4)
about kim promises "$(promise lapses "$soon" tom)" promises "$(promise late "$soon" maria)" \
  concerns "{\"concernId\":\"n1\",\"severity\":\"critical\",\"topics\":[\"delay\"],\"respondBy\":\"$soon\",
    \"summary\":\"Nobody came.\",\"memberId\":\"ref:tom\"}" \
  follow-ups "{\"followUpId\":\"f1\",\"dueAt\":\"$soon\",\"purpose\":\"answer\",\"memberId\":\"ref:tom\"}" \
  follow-ups '{"followUpId":"f2","dueAt":"2027-02-01T09:00:00Z","purpose":"other","memberId":"ref:maria"}' \
  follow-ups/f2/reassign '{"toMemberId":"ref:tom","reason":"On leave"}' \
  follow-ups/f2/reschedule '{"newDueAt":"2027-02-03T09:00:00Z","reason":"Kim travels","agreedWithCustomer":false}' \
  promises/kept/declare-kept '{}' promises/kept/dispute '{"note":"Not so."}' promises/kept/declare-kept '{}' \
  promises/kept/confirm '{}' \
  promises/moved/propose-new-date '{"newDueAt":"2027-03-10T16:00:00Z","reason":"The part is late"}' \
  promises/moved/accept-new-date '{}' \
  promises/refused/propose-new-date '{"newDueAt":"2027-03-10T16:00:00Z","reason":"The part is late"}' \
  promises/refused/refuse-new-date '{}' \
  promises/withdrawn/withdraw '{"reason":"Discontinued"}' promises/released/release '{}' \
  promises/handed/reassign '{"toMemberId":"ref:maria","reason":"On leave"}' \
  feedback '{"feedbackId":"b1","kind":"csat","score":2,"topics":["delay"],"comment":"Too slow.","memberId":"ref:tom"}' \
  feedback-requests '{"feedbackId":"b2","kind":"nps"}' \
  preferences '{"key":"language","value":"Swedish","source":"observed"}' \
  preferences '{"key":"language","value":"Norwegian","source":"stated"}' \
  solutions '{"solutionId":"s1","summary":"A part to borrow.","preferenceKeys":["language"]}' solutions/s1/accept '{}' \
  consents '{"purpose":"newsletter","given":true}' consents '{"purpose":"newsletter","given":false}' \
  correct-details '{"name":"Kim Ek","segment":"trade"}'
CRMLEDGER_KEY=$(key north-admin) say policies/trust \
  '{"reason":"Words weigh more","halfLifeDays":90,"promiseKept":4}' >/dev/null
settle
prove c-1 promise_made before-new-origin
prove kim touchpoint_recorded live-before-new-origin
crmledger export evidence --customer kim -o "$out/proofs/old-origin.evidence" >/dev/null
curl -sS "$CRMLEDGER_URL/log/north/checkpoint" >"$out/proofs/old-origin.checkpoint"
curl -sS "$CRMLEDGER_URL/log/north/key" >"$out/proofs/old-origin.keys"

# The clock has its say, and some try to mend it; others are wrong and annulled.
until ask customers/ref:kim/history | jq -e '[.events[].type] | contains(["promise_lapsed", "follow_up_missed",
  "concern_unanswered"])' >/dev/null; do sleep 0.2; done
about kim promises/late/declare-kept '{}' \
  promises/lapses/explain-miss '{"cause":"forgotten","note":"It was a Monday."}' \
  concerns/n1/acknowledge '{"memberId":"ref:maria"}' concerns/n1/resolve '{"summary":"Came."}' \
  concerns/n1/reopen '{"summary":"Left again."}' follow-ups/f1/complete '{"touchpointId":"t2"}' \
  feedback/b1/act-upon '{"action":"Hired."}' feedback/b1/tell-outcome '{}' purchases/a1/return '{}'
for type in promise_declared_kept touchpoint_recorded purchase_recorded; do
  about c-1 annulments "{\"eventId\":\"$(event_of c-1 $type)\",\"reason\":\"Another customer\"}"
done
about c-3 annulments "{\"eventId\":\"$(event_of c-3 promise_made)\",\"reason\":\"Never promised\"}"
moved=$(ask 'events?limit=5000' | jq -r '[.events[] | select(.type == "member_moved_team")][-1].id')
say members/ref:nadia/annulments "{\"eventId\":\"$moved\",\"reason\":\"Did not move\"}" >/dev/null

# People who are the same person, or are not after all, or want to be forgotten.
about lena promises "$(promise l1 2027-01-15T16:00:00Z maria)" merge '{"customerId":"ref:kim","reason":"Twins"}' \
  unmerge '{"reason":"Two people"}' end-relationship '{"reason":"service"}' renew-relationship '{}'
about mo touchpoints '{"touchpointId":"t1","channel":"email","direction":"outbound","memberId":"ref:erik"}' \
  promises "$(promise m1 2027-01-20T16:00:00Z erik)" merge '{"customerId":"ref:kim","reason":"Same number"}'
about greta touchpoints '{"touchpointId":"t1","channel":"visit","direction":"inbound","memberId":"ref:maria",
  "summary":"Greta came by."}' promises "$(promise g1 2027-01-10T16:00:00Z maria)"
about gina merge '{"customerId":"ref:greta","reason":"Same number"}'
CRMLEDGER_KEY=$(key north-admin) crmledger erase greta --reason "Asked by the customer" --yes >/dev/null
settle

# Keys that are replaced, and a log that goes on under another name.
crmledger keys rotate --tenant north >/dev/null
crmledger log rotate-key --tenant north --reason yearly >/dev/null
about kim touchpoints '{"touchpointId":"t3","channel":"web","direction":"inbound","memberId":"ref:tom",
  "summary":"Thanks."}'
settle
crmledger log new-origin --tenant north --reason "The log is renamed" >/dev/null
about c-2 touchpoints '{"touchpointId":"t9","channel":"letter","direction":"outbound","memberId":"ref:tom",
  "tone":"positive"}'
settle
crmledger keys rotate-master --yes >/dev/null
about c-4 touchpoints '{"touchpointId":"t9","channel":"social","direction":"inbound","memberId":"ref:maria",
  "summary":"Hi."}'
revoked=$(crmledger keys list --tenant north --json | jq -r '.[] | select(.name == "revoked").keyId')
crmledger keys revoke "$revoked" --tenant north >/dev/null

# An import that never ends: what it brings is not judged.
import=$(say imports '{"source":"cloudevents","fileName":"unfinished.jsonl",
  "sha256":"0000000000000000000000000000000000000000000000000000000000000007"}' | jq -r .importId)
jq -nc --arg id "$import" '{specversion: "1.0", source: "old-crm", subject: "customer/una", importid: $id} + (
  {id: "u/1", type: "customer_registered", time: "2026-05-01T09:00:00Z", data: {name: "Una"}},
  {id: "u/2", type: "promise_made", time: "2026-05-01T09:30:00Z", data: {promiseId: "u1", kind: "delivery",
    conditions: "It is there.", dueAt: "2026-05-08T16:00:00Z", memberId: "ref:erik"}})' >"$home/unfinished"
say events "@$home/unfinished" -H 'Content-Type: application/jsonl' | jq -e '.rejected == 0' >/dev/null
settle

# The other tenant, whose key was never replaced, nor was its log.
use south
printf '%s\n' '00004 0001 19970101 2 29.33' '00004 0001 19970118 2 29.73' '00021 0002 19970101 3 63.34' \
  >"$home/cdnow.txt"
crmledger import cdnow "$home/cdnow.txt" >/dev/null
say members '{"reference":"olga","name":"Olga","team":"support"}' >/dev/null
about cdnow-0001 promises "$(promise s1 2027-03-03T16:00:00Z olga)" promises/s1/declare-kept '{}'
settle

# What proves it, and what one customer may see; then all of it.
use north
prove c-1 promise_made after-new-origin
prove kim touchpoint_recorded live
prove greta customer_erased erased
crmledger export evidence --customer kim -o "$out/proofs/kim.evidence" >/dev/null
crmledger kept-rate --by team --statement "$out/proofs/kept-rate.statement" >/dev/null
crmledger export evidence --statement "$out/proofs/kept-rate.statement" -o "$out/proofs/kept-rate.evidence" >/dev/null
crmledger trust kim --statement "$out/proofs/trust.statement" >/dev/null
crmledger export evidence --statement "$out/proofs/trust.statement" -o "$out/proofs/trust.evidence" >/dev/null
crmledger export customer kim >"$out/proofs/kim.export.json"
for tenant in north south; do
  curl -sS "$CRMLEDGER_URL/log/$tenant/checkpoint" >"$out/proofs/$tenant.checkpoint"
  curl -sS "$CRMLEDGER_URL/log/$tenant/key" >"$out/proofs/$tenant.keys"
done
use south
prove cdnow-0001 promise_declared_kept south
crmledger export evidence -o "$out/proofs/south.evidence" >/dev/null
crmledger verify database >/dev/null
cp -r "$home/checkpoints" "$home/master.key" "$out"

# Meta-commands are psql's own, and no SQL.
secrets=$home/secrets/postgres.json
PGPASSWORD=$(jq -r .adminPassword "$secrets") pg_dump -h 127.0.0.1 -p "$(jq -r .port "$secrets")" -U crmledger_admin \
  --schema=ledger --inserts crmledger | sed '/^\\/d' >"$out/database.sql"
du -h "$out/database.sql"
