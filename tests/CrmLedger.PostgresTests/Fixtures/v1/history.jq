# The year that make.sh imports: CloudEvents, one a line, of seven customers and four members. Every way that a promise,
# a follow-up, a concern and feedback can go is there. Nothing in it is left to chance: jq -nc -f history.jq
def utc: strftime("%Y-%m-%dT%H:%M:%SZ");
def at($c; $day; $hour): 1767603600 + (7 * $c + $day) * 86400 + $hour * 3600 | utc; # from 5 January 2026, 9:00
def event($subject; $id; $type; $time; $data):
  {specversion: "1.0", id: "\($subject)/\($id)", source: "our-crm", type: $type, subject: $subject, time: $time,
   data: $data};
def member($n): ["erik", "maria", "jonas", "nadia"][$n % 4];

# What becomes of a promise, by days since it was made; it is due on the seventh.
def ways: [
  [["promise_declared_kept", 5, {}]],
  [["promise_declared_kept", 9, {}],
   ["promise_miss_explained", 10, {cause: "capacity", note: "Two of three were ill."}]],
  [],
  [["promise_renegotiation_proposed", 2, {new: 14, reason: "The part arrives late"}],
   ["promise_renegotiation_accepted", 3, {}], ["promise_declared_kept", 12, {}]],
  [["promise_renegotiation_proposed", 2, {new: 14, reason: "The part arrives late"}],
   ["promise_renegotiation_refused", 3, {}], ["promise_declared_kept", 6, {}], ["promise_confirmed", 8, {}]],
  [["promise_withdrawn", 4, {reason: "The product was discontinued"}]],
  [["promise_released", 4, {}]],
  [["promise_declared_kept", 6, {}], ["promise_disputed", 8, {note: "Nobody called."}],
   ["promise_declared_kept", 10, {}], ["promise_miss_explained", 11, {cause: "misunderstanding"}]]];

def promises($c; $s): range(4) as $k | [2, 40, 90, 150][$k] as $made | "p\($k + 1)" as $p
  | event($s; $p; "promise_made"; at($c; $made; 0);
      {promiseId: $p, kind: ["callback", "delivery", "repair"][($c + $k) % 3],
       conditions: "What \($s) was told: \($p).", dueAt: at($c; $made + 7; 7), memberId: "ref:\(member($c + $k))",
       channel: ["phone", "email", "chat"][$k % 3]}),
    (if ($c + $k) % 5 == 0
     then event($s; "\($p)/handed"; "promise_reassigned"; at($c; $made + 1; 0);
       {promiseId: $p, toMemberId: "ref:\(member($c + $k + 1))", reason: "On leave"})
     else empty end),
    (ways[(2 * $c + 3 * $k) % 8][] as $w
     | event($s; "\($p)/\($w[1])"; $w[0]; at($c; $made + $w[1]; 0);
         {promiseId: $p} + ($w[2] | if .new then {newDueAt: at($c; $made + .new; 7), reason} else . end)));

def follow_ups($c; $s):
  event($s; "f1"; "follow_up_scheduled"; at($c; 20; 0);
    {followUpId: "f1", dueAt: at($c; 30; 0), purpose: "check_satisfaction", memberId: "ref:\(member($c))"}),
  (if $c % 3 == 0 then
     event($s; "t2"; "touchpoint_recorded"; at($c; 29; 0);
       {touchpointId: "t2", channel: "phone", direction: "outbound", memberId: "ref:\(member($c))", tone: "positive",
        practices: ["listened_actively", "checked_understanding"]}),
     event($s; "f1/done"; "follow_up_completed"; at($c; 29; 0); {followUpId: "f1", touchpointId: "t2"})
   elif $c % 3 == 1 then
     event($s; "f1/handed"; "follow_up_reassigned"; at($c; 24; 0);
       {followUpId: "f1", toMemberId: "ref:nadia", reason: "On leave"}),
     event($s; "f1/moved"; "follow_up_rescheduled"; at($c; 25; 0);
       {followUpId: "f1", newDueAt: at($c; 35; 0), reason: "The customer travels", agreedWithCustomer: true}),
     event($s; "f1/done"; "follow_up_completed"; at($c; 34; 0); {followUpId: "f1"})
   else
     event($s; "f1/off"; "follow_up_cancelled"; at($c; 28; 0); {followUpId: "f1", reason: "The order was cancelled"})
   end),
  (if $c % 2 == 0 then
     event($s; "f2"; "follow_up_scheduled"; at($c; 200; 0);
       {followUpId: "f2", dueAt: at($c; 205; 0), purpose: "reassure", memberId: "ref:\(member($c + 2))"})
   else empty end);

def concern($c; $s):
  event($s; "n1"; "concern_raised"; at($c; 60; 0);
    {concernId: "n1", severity: ["low", "normal", "high", "critical"][$c % 4], topics: ["invoice", "tone"][:1 + $c % 2],
     summary: "\($s) is unhappy.", memberId: "ref:\(member($c + 1))"}),
  (if $c % 3 == 2 then empty else
     event($s; "n1/known"; "concern_acknowledged"; at($c; 60; 3); {concernId: "n1", memberId: "ref:erik"}),
     event($s; "n1/right"; "concern_resolved"; at($c; 63; 0); {concernId: "n1", summary: "Paid back."}) end),
  (if $c % 3 == 1
   then event($s; "n1/again"; "concern_reopened"; at($c; 66; 0); {concernId: "n1", summary: "Not all of it."})
   else empty end);

def feedback($c; $s):
  event($s; "b1/asked"; "feedback_requested"; at($c; 70; 0); {feedbackId: "b1", kind: "csat", memberId: "ref:maria"}),
  (if $c == 6 then empty else
     event($s; "b1"; "feedback_received"; at($c; 72; 0);
       {feedbackId: "b1", kind: "csat", score: (1 + 3 * $c % 5), topics: ["repair"], comment: "Said \($s)."}) end),
  (if $c % 2 == 1
   then event($s; "b1/acted"; "feedback_acted_upon"; at($c; 75; 0); {feedbackId: "b1", action: "Changed the form."}),
     event($s; "b1/told"; "feedback_outcome_told"; at($c; 76; 0); {feedbackId: "b1"})
   else empty end),
  event($s; "b2"; "feedback_received"; at($c; 120; 0);
    {feedbackId: "b2", kind: ["nps", "ces", "comment"][$c % 3]}
    + [{score: (10 - $c)}, {score: 3}, {comment: "Only <words> & \"quotes\"."}][$c % 3]);

def purchases($c; $s):
  ([10, 100, 180][] as $d | event($s; "buy\($d)"; "purchase_recorded"; at($c; $d; 2);
     {purchaseId: "buy\($d)", amountMinor: (1990 * ($c + 1) + $d), currency: "EUR",
      marginMinor: (500 - 300 * ($c % 3))})),
  (if $c % 3 == 2
   then event($s; "buy100/back"; "purchase_returned"; at($c; 105; 0); {purchaseId: "buy100", amountMinor: 1000})
   else empty end);

def customer($c):
  "customer/c-\($c + 1)" as $s
  | event($s; "new"; "customer_registered"; at($c; 0; 0);
      {name: ["Anna Lind", "Søren Kjær", "Łukasz Żak", "Ida \"Ida\" O'Neil, Ltd.", "Zoë 🌿", "Bo <b>Bold</b>",
              "=SUM(1;2)"][$c]}
      + [{segment: "retail"}, {segment: "trade"}, {}][$c % 3]),
    event($s; "consent"; "consent_recorded"; at($c; 0; 1); {purpose: "newsletter", given: ($c % 2 == 0)}),
    event($s; "likes"; "preference_recorded"; at($c; 1; 1); {key: "contact_time", value: "Mornings", source: "stated"}),
    event($s; "t1"; "touchpoint_recorded"; at($c; 1; 0);
      {touchpointId: "t1", channel: ["meeting", "phone", "letter"][$c % 3], direction: "inbound",
       memberId: "ref:\(member($c))", summary: "Asked about \($s).", tone: ["neutral", "negative"][$c % 2],
       practices: [["asked_open_question"], [], ["respectful", "showed_empathy"]][$c % 3], durationSeconds: 600}),
    promises($c; $s), follow_ups($c; $s), concern($c; $s), feedback($c; $s), purchases($c; $s),
    event($s; "s1"; "solution_proposed"; at($c; 130; 0);
      {solutionId: "s1", summary: "Calls before noon.", preferenceKeys: ["contact_time"]}),
    event($s; "s1/said"; ["solution_accepted", "solution_declined"][$c % 2]; at($c; 131; 0);
      {solutionId: "s1"} + [{}, {reason: "Too dear"}][$c % 2]),
    (if $c >= 5 then event($s; "end"; "relationship_ended"; at($c; 230; 0); {reason: ["competitor", "price"][$c % 2]})
     else empty end),
    (if $c == 5 then event($s; "back"; "relationship_renewed"; at($c; 240; 0); {}) else empty end);

[ (range(4) | event("member/\(member(.))"; "new"; "member_joined"; "2026-01-02T08:0\(.):00Z";
     {name: (member(.) | ascii_upcase), team: ["support", "sales"][. % 2]})),
  event("member/jonas"; "moved"; "member_moved_team"; "2026-03-02T08:00:00Z"; {toTeam: "sales"}),
  (range(7) | customer(.)) ]
| [to_entries[] | .value + {n: .key}] | sort_by(.time, .n)[] | del(.n)
