/* The life of one refresh token: mark, send, answer, commit; and what a crash, a lost answer, a failing disk, a user and
 * time can do to it at every step. The search is exhaustive within the budgets below; RotationModelTests.swift runs it.
 *
 * Modelled: one account. The daemon (Sources/Engine/AccountMachine*.swift; its exchange and trouble bear the code's
 * names, `lostRotation` is lost-rotation, `reauthorizationRequired` likewise), the store behind its one writer
 * (Sources/GrantStore: the record and the row of table `marks`, each transaction whole or not at all; it may fail, and it
 * may be durable though reported failed), the network (Sources/OAuthSender: surely not sent, request lost, answer lost),
 * the provider (Sources/SandboxProvider rotates and revokes the same way), crashes, one edit (ADD replace, REMOVE) or one
 * revocation, and time.
 *
 * Abstracted: time is a tick. It ends every open window, is the spacing of late replays ("5 minutes"), and takes one of
 * four quarters of an access token's life: 4 is fresh, from 3 on a refresh is due, at 1 it is as late as possible, at 0
 * it has lapsed. Ticks come at any moment, so the daemon may be arbitrarily slow. Backoff, lanes, waiters, `grants.reserve`
 * (part of making a mark), several boots' clocks and shutdown are left out. Operation numbers are left out: what an
 * abandoned operation still has under way is moved to `oldRequest` and `oldAnswer`. A generation is checked and the
 * request sent in one step, and the results of the one writer reach the daemon in order.
 * A request that the daemon gave up on is decided (processed or lost) before anything that comes later; with STRAGGLERS it
 * may still arrive until the next tick. SPACED_REPLAYS is the remedy, in the code `Presentation.longest`: a timeout has
 * waited so long, and what a crash cut off is given as much before a late replay.
 *
 * Configuration: -DKIND= NO_ROTATION, ROTATES, GRACE, REVOKES; -DPOLICY= NEVER, WITHIN, ALWAYS; and the budgets below.
 * GRACE takes the predecessor within a tick of the rotation and revokes the family after that. PUNCTUAL: time passes only
 * when nothing else can happen. -DMUT_...: mistakes that the search must find. -DWITNESS: what happened at least once.
 *
 * Promised (the search looks for an execution that breaks one):
 *   P1 the grant is lost only where any client loses it: the provider rotated, and the network or a crash ate the answer
 *   P2 such a loss ends in lostRotation, and lostRotation is not reported unless an answer was in doubt
 *   P3 a token whose fate is unknown is presented again only as the policy allows; we never make a provider revoke a family
 *      whose newest token we hold
 *   P4 nothing is published before it is durable, except in `unsaved`; what was acknowledged stays on the disk
 *   P5 nothing is sent without a durable mark for exactly that generation
 *   P6 every execution ends (no cycle, `pan -l`), and it ends healthy, lostRotation, reauthorizationRequired (only when
 *      revoked) or removed: nothing blocks for ever (R7)
 *
 * By hand: spin -DKIND=REVOKES -DPOLICY=NEVER -a rotation.pml && gcc -O1 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -m5000
 * (liveness: -DNP for -DSAFETY, and ./pan -l); the trail of an error: spin -DKIND=... -t -p -g rotation.pml
 */

#define NO_ROTATION 0
#define ROTATES 1
#define GRACE 2
#define REVOKES 3
#define NEVER 0
#define WITHIN 1
#define ALWAYS 2

#ifndef KIND
#define KIND REVOKES
#endif
#ifndef POLICY
#define POLICY NEVER
#endif
#ifndef CRASHES
#define CRASHES 3
#endif
/* Answers or requests lost, surely not sent, or refused without being consumed. */
#ifndef FAULTS
#define FAULTS 3
#endif
#ifndef WRITE_FAILURES
#define WRITE_FAILURES 2
#endif
/* ADD replace, REMOVE or a revocation by the user. */
#ifndef EDITS
#define EDITS 1
#endif
/* The account rests when it has come to this generation: two rotations from the first. */
#ifndef LAST_GENERATION
#define LAST_GENERATION 3
#endif

#define FRESH 4
#define DUE 3
#define LATE 1

/* A token is its family and its number in it; 0 is none. */
#define FAMILY(token) (token >> 3)
#define NUMBER(token) (token & 7)
#define NEWEST(family) ((family << 3) + newest[family])

mtype:exchange = { none, queued, marking, inFlight, saving, unsaved };
mtype:trouble = { healthy, doubt, lostRotation, reauthorizationRequired, removed };
mtype:mark = { markAbsent, markInFlight, markInDoubt, markRejected };
mtype:write = { noWrite, writeMark, writeGrant, clearMark, doubtMark, rejectMark };
mtype:result = { noResult, stored, gone, failed };
mtype:answer = { noAnswer, grant, rejected, refused, notSent, unknown };
mtype:edit = { noEdit, replaced, deleted };

/* The daemon's memory, worth nothing after a crash. */
bool up = false;
mtype:exchange exchange = none;
mtype:trouble trouble = healthy;
byte generation = 0;
byte granted = 0;		/* the grant in memory while saving or unsaved */
byte published = 0;
byte life = 0;			/* of the access token that is served */
bool isSent = false;		/* inFlight: the request is out */
bool sinceOpen = false;		/* the first presentation in doubt is younger than the window */
byte replays = 0;		/* 2 stands for more */
bool presentedLate = false;	/* the last replay was a late one */
bool isSpaced = false;		/* the last presentation is at least a tick ago */
bool isCutOff = false;		/* a crash cut off the last presentation's answer */

/* The writer: one transaction at a time. */
mtype:write write = noWrite;
byte writeAfter = 0;
mtype:result result = noResult;

/* The disk. */
bool isRecorded = true;
byte diskGeneration = 1;
byte diskToken = 1;
byte diskLife = FRESH;
mtype:mark diskMark = markAbsent;
byte markGeneration = 0;
bool diskSinceOpen = false;
byte diskReplays = 0;
bool diskPresentedLate = false;
bool diskIsSpaced = false;
mtype:trouble diskReason = healthy;

/* The network: the current operation's request and answer, and an abandoned operation's. */
byte request = 0;
mtype:answer answer = noAnswer;
byte answerToken = 0;
byte oldRequest = 0;
byte oldAnswerToken = 0;

/* The provider. A second family is another login. */
byte newest[2] = 1;
bool isLive[2] = true;
bool windowOpen[2];		/* the last rotation is younger than the window */

/* Edits: the store has done it, the engine has yet to hear of it. */
mtype:edit edit = noEdit;

/* What may still go wrong. */
byte crashes = CRASHES;
byte faults = FAULTS;
byte writeFailures = WRITE_FAILURES;
byte edits = EDITS;

/* Ghosts: they record what the network, the provider, crashes and time did, and steer nothing. */
bool wasLost[2];		/* an answer with the family's newest token was eaten, and that token is not durable */
bool wasRevoked[2];		/* by the user or the provider, not by us */
bool isUnknown = false;		/* what became of a presentation of the durable token is unknown */
bool unknownOpen = false;	/* ... and it is younger than the window */
bool lateCredit = false;	/* the policy has a late replay left */
bool isLateReplay = false;	/* one is out */
byte acknowledged = 1;		/* the newest token that the store acknowledged */
byte acknowledgedGeneration = 1;

/* P1: without a mark the durable token is the provider's newest. */
#define diskIsTrue (!isRecorded || diskMark != markAbsent || wasRevoked[FAMILY(diskToken)] \
	|| (isLive[FAMILY(diskToken)] && NUMBER(diskToken) == newest[FAMILY(diskToken)]))

#define lateReplays (presentedLate -> replays : 0)
#ifdef SPACED_REPLAYS
/* No late replay within a tick of the last outcome or of the daemon's start. */
#define mayReplayLate (life <= LATE && isSpaced)
#else
#define mayReplayLate (life <= LATE && (lateReplays == 0 || (lateReplays == 1 && isCutOff) || isSpaced))
#endif
#define isInWindow (POLICY == ALWAYS || (POLICY == WITHIN && sinceOpen))
#ifdef MUT_REPLAY_ALWAYS
#define mayReplay true
#else
#define mayReplay (isInWindow || mayReplayLate)
#endif
/* An edit excludes a write of the old grant: the writer does the edit first and is heard of it first. */
#ifdef MUT_UNORDERED_RESULTS
#define isInOrder true
#else
#define isInOrder (edit == noEdit)
#endif
#ifdef MUT_DECIDE_ONCE
#define isOutOfTime false
#else
#define isOutOfTime (trouble == doubt && !mayReplay)
#endif
#define isDue ((trouble == healthy && life <= DUE && generation < LAST_GENERATION) || (trouble == doubt && mayReplay))

/* ---- The provider's decision about a presented token; what it answers is in verdict and successor. */

inline decide(presented, verdict, successor) {
	successor = 0;
	if
	:: !isLive[FAMILY(presented)] -> verdict = rejected
	:: isLive[FAMILY(presented)] && KIND == NO_ROTATION ->
		verdict = grant;
		successor = presented
	:: isLive[FAMILY(presented)] && KIND != NO_ROTATION && NUMBER(presented) == newest[FAMILY(presented)] ->
		newest[FAMILY(presented)]++;
		windowOpen[FAMILY(presented)] = (KIND == GRACE);
		verdict = grant;
		successor = NEWEST(FAMILY(presented))
	:: isLive[FAMILY(presented)] && KIND != NO_ROTATION && NUMBER(presented) != newest[FAMILY(presented)] ->
		if
		:: NUMBER(presented) + 1 == newest[FAMILY(presented)] && windowOpen[FAMILY(presented)] ->
			verdict = grant;
			successor = NEWEST(FAMILY(presented))
		:: else ->
			verdict = rejected;
			if
			:: KIND == ROTATES
			:: else ->
				/* P3: a family that we make the provider revoke was lost already. */
				assert(wasLost[FAMILY(presented)] && diskToken != NEWEST(FAMILY(presented)));
				assert(granted != NEWEST(FAMILY(presented)));
				isLive[FAMILY(presented)] = false
			fi
		fi
	fi
}

/* An answer will reach nobody. */
inline eaten(token) {
	if
	:: token != 0 && token != diskToken && token == NEWEST(FAMILY(token)) -> wasLost[FAMILY(token)] = true
	:: else
	fi
}

active proctype Provider() {
	mtype:answer kind;
	byte token;
end:	do
	:: d_step { request != 0 && answer == noAnswer ->
		decide(request, kind, token);
		answer = kind; answerToken = token; request = 0;
		kind = noAnswer; token = 0 }
	:: d_step { oldRequest != 0 && oldAnswerToken == 0 ->
		decide(oldRequest, kind, token);
		oldAnswerToken = token; oldRequest = 0;
		eaten(token);
		kind = noAnswer; token = 0 }
	:: d_step { request != 0 && answer == noAnswer && faults > 0 ->	/* 429, 500, 503, invalid_client */
		faults--; request = 0; answer = refused }
	od
}

active proctype Network() {
end:	do
	:: d_step { request != 0 && faults > 0 ->			/* DNS, refused, TLS */
		faults--; request = 0; answer = notSent }
	:: d_step { request != 0 && faults > 0 ->			/* lost on the way there */
		faults--;
#ifdef STRAGGLERS
		if
		:: oldRequest == 0 -> oldRequest = request
		:: else
		fi;
#endif
		request = 0; answer = unknown; isUnknown = (isUnknown || edit == noEdit) }
	:: d_step { (answer == grant || answer == rejected) && faults > 0 ->	/* lost on the way back */
		faults--;
		eaten(answerToken);
		answer = unknown; answerToken = 0; isUnknown = (isUnknown || edit == noEdit) }
	:: d_step { oldRequest != 0 -> oldRequest = 0 }
	od
}

/* ---- The store. */

inline commit(token) {
	/* R16: a login is not overwritten by an answer to an older one. */
	assert(FAMILY(token) == FAMILY(diskToken));
	diskGeneration++;
	diskToken = token;
	diskLife = FRESH;
	diskMark = markAbsent; markGeneration = 0;
	diskSinceOpen = false; diskReplays = 0; diskPresentedLate = false; diskIsSpaced = false;
	wasLost[FAMILY(token)] = false;
	isUnknown = false; unknownOpen = false
}

inline perform() {
	if
	:: !isRecorded || diskGeneration != writeAfter -> result = gone
	:: isRecorded && diskGeneration == writeAfter ->
		result = stored;
		if
		:: write == writeMark ->
			diskMark = markInFlight; markGeneration = writeAfter;
			diskSinceOpen = sinceOpen;
			diskIsSpaced = false;
			if
			:: trouble == doubt ->
				diskReplays = (replays == 2 -> 2 : replays + 1);
				diskPresentedLate = !isInWindow
			:: else ->
				diskReplays = 0; diskPresentedLate = false
			fi;
			if
			:: isUnknown
			:: else -> unknownOpen = true; lateCredit = true
			fi
		:: write == writeGrant -> commit(granted)
		:: write == clearMark -> diskMark = markAbsent; markGeneration = 0;
			diskSinceOpen = false; diskIsSpaced = false; diskReplays = 0; diskPresentedLate = false
		:: write == doubtMark -> diskMark = markInDoubt;
			diskSinceOpen = sinceOpen;
			diskReplays = replays; diskPresentedLate = presentedLate; diskIsSpaced = isSpaced
		:: write == rejectMark -> diskMark = markRejected; diskReason = trouble
		fi
	fi;
	assert(diskIsTrue)
}

inline reply() {
	if
	:: write == writeMark || write == writeGrant
	:: else -> result = noResult	/* nobody waits for a settled mark */
	fi;
	write = noWrite; writeAfter = 0
}

active proctype Store() {
end:	do
#ifdef MUT_COMMIT_AFTER_ACK
	:: d_step { write == writeGrant && result == noResult && diskGeneration == writeAfter -> result = stored }
	:: d_step { write == writeGrant && result == noResult && exchange != saving -> perform(); result = noResult; reply() }
	:: d_step { write != noWrite && write != writeGrant -> perform(); reply() }
#else
#ifdef MUT_SPLIT_COMMIT
	:: d_step { write == writeGrant && diskMark != markAbsent && diskGeneration == writeAfter ->
		diskMark = markAbsent; markGeneration = 0;
		diskSinceOpen = false; diskIsSpaced = false; diskReplays = 0; diskPresentedLate = false }
#endif
	:: d_step { write != noWrite -> perform(); reply() }
#endif
	:: d_step { write != noWrite && writeFailures > 0 ->		/* nothing was written */
		writeFailures--; result = failed; reply() }
	:: d_step { write != noWrite && writeFailures > 0 ->		/* durable all the same */
		writeFailures--; perform();
		result = failed; reply() }
	od
}

/* ---- The daemon. */

inline submit(what) {
	write = what; writeAfter = generation
}

inline publish(token) {
	published = token;
	/* P4: durable, then published. */
	assert(published == diskToken || exchange == unsaved)
}

inline rest() {
	exchange = none; isSent = false; granted = 0
}

inline succeed() {
	generation++;
	acknowledged = granted; acknowledgedGeneration = generation;
	publish(granted);
	life = FRESH;
	trouble = healthy;
	sinceOpen = false; replays = 0; presentedLate = false; isSpaced = false; isCutOff = false;
	rest()
}

inline start() {
	up = true;
	/* P4: what was acknowledged is there. */
	assert(diskGeneration >= acknowledgedGeneration);
	assert(diskGeneration > acknowledgedGeneration || diskToken == acknowledged || !isRecorded);
	assert(diskIsTrue);
	if
	:: !isRecorded -> trouble = removed
	:: else ->
		generation = diskGeneration;
		life = diskLife;
		published = diskToken;
		if
		:: diskMark == markAbsent -> trouble = healthy
		:: diskMark == markRejected -> trouble = diskReason
		:: diskMark == markInFlight || diskMark == markInDoubt ->
			trouble = doubt;
			sinceOpen = diskSinceOpen; replays = diskReplays;
			presentedLate = diskPresentedLate;
#ifndef SPACED_REPLAYS
			isSpaced = diskIsSpaced;
#endif
			isCutOff = (diskMark == markInFlight)
		fi
	fi
}

inline send() {
	/* P5: a durable mark for exactly this generation. */
	assert(diskMark == markInFlight && markGeneration == generation);
	/* P3: only as the policy allows. */
	isLateReplay = false;
	if
	:: isUnknown && !(POLICY == ALWAYS || (POLICY == WITHIN && unknownOpen)) ->
		assert(life <= LATE && lateCredit);
		lateCredit = false; isLateReplay = true
	:: else
	fi;
	request = diskToken; isSent = true
}

inline becomeInDoubt() {
	if
	:: trouble == doubt ->
		presentedLate = !isInWindow;
		replays = (replays == 2 -> 2 : replays + 1)
	:: else ->
		trouble = doubt; replays = 0; presentedLate = false
	fi;
	isSpaced = false; isCutOff = false;
	rest();
	submit(doubtMark)
}

inline reject() {
	if
	:: trouble == doubt ->
		trouble = lostRotation;
		/* P2: an answer was in doubt. P1: and any client would have lost it. */
		assert(isUnknown || edit != noEdit);
		assert(wasLost[FAMILY(diskToken)] || wasRevoked[FAMILY(diskToken)] || edit != noEdit);
#ifdef PUNCTUAL
		/* P1: inside the provider's window nothing is lost at all. */
		assert(KIND != GRACE || wasRevoked[FAMILY(diskToken)] || edit != noEdit)
#endif
	:: else ->
		trouble = reauthorizationRequired;
		/* P2: nobody but the user or the provider took it from us. */
		assert(wasRevoked[FAMILY(diskToken)] || edit != noEdit)
	fi;
	sinceOpen = false; replays = 0; presentedLate = false; isSpaced = false; isCutOff = false;
	rest();
	submit(rejectMark)
}

inline settleUnconsumed() {
	if
	:: isLateReplay -> lateCredit = true
	:: else
	fi;
	rest();
	if
	:: trouble == doubt -> submit(doubtMark)
	:: else -> sinceOpen = false; submit(clearMark)
	fi
}

inline takeAnswer() {
	if
	:: answer == grant ->
		granted = answerToken; exchange = saving; isSent = false;
		submit(writeGrant);
#ifdef MUT_PUBLISH_FIRST
		publish(granted);
#endif
	:: answer == rejected -> reject()
	:: answer == refused || answer == notSent -> settleUnconsumed()
	:: answer == unknown ->
#ifdef MUT_CLEAR_MARK_ON_LOST
		rest(); submit(clearMark)
#else
		becomeInDoubt()
#endif
	fi;
	isLateReplay = false;
	answer = noAnswer; answerToken = 0
}

/* The engine hears of an edit: whatever the old grant has under way is abandoned. */
inline hearOfEdit() {
	rest();
	if
	:: request != 0 -> oldRequest = request
	:: else
	fi;
	oldAnswerToken = answerToken;
	request = 0; answer = noAnswer; answerToken = 0; isLateReplay = false;
	write = noWrite; writeAfter = 0; result = noResult;
	sinceOpen = false; replays = 0; presentedLate = false; isSpaced = false; isCutOff = false;
	generation = diskGeneration;
	if
	:: edit == replaced ->
		trouble = healthy; life = FRESH;
		acknowledged = diskToken; acknowledgedGeneration = diskGeneration;
		publish(diskToken)
	:: edit == deleted ->
		trouble = removed; life = 0; published = 0; generation = 0
	fi;
	edit = noEdit
}

active proctype Daemon() {
end:	do
	:: d_step { !up -> start() }
	:: d_step { up && exchange == none && isDue && edit == noEdit -> exchange = queued }
	:: d_step { up && exchange == queued && write == noWrite && edit == noEdit ->
		if
		:: isOutOfTime -> rest()				/* the window closed while it was queued */
		:: else ->
			sinceOpen = (sinceOpen || trouble != doubt);
#ifdef MUT_NO_MARK
			exchange = inFlight
#else
			exchange = marking; submit(writeMark)
#endif
		fi }
	:: d_step { up && exchange == marking && result == stored -> result = noResult; exchange = inFlight }
	:: d_step { up && exchange == marking && (result == failed || result == gone) -> result = noResult; rest() }
	:: d_step { up && exchange == inFlight && !isSent ->
		if
		:: !isRecorded || diskGeneration != generation -> rest()	/* overtaken by an edit */
		:: isRecorded && diskGeneration == generation && isOutOfTime -> rest(); submit(doubtMark)
		:: isRecorded && diskGeneration == generation && !isOutOfTime -> send()
		fi }
	:: d_step { up && exchange == inFlight && answer != noAnswer && write == noWrite -> takeAnswer() }
	:: d_step { up && exchange == saving && result == stored && isInOrder -> result = noResult; succeed() }
	:: d_step { up && exchange == saving && result == gone && isInOrder ->
		/* An earlier write of this very grant was durable though reported failed. */
		assert(diskToken == granted && diskGeneration == generation + 1);
		result = noResult; succeed() }
	:: d_step { up && exchange == saving && result == failed && isInOrder ->
		result = noResult;
		exchange = unsaved;
		publish(granted);
		life = FRESH }
	:: d_step { up && exchange == unsaved && write == noWrite -> exchange = saving; submit(writeGrant) }
	:: d_step { up && edit != noEdit && oldAnswerToken == 0 && oldRequest == 0 -> hearOfEdit() }
#ifdef MUT_LATE_ANSWER_OVERWRITES
	:: d_step { up && oldAnswerToken != 0 && exchange == none && write == noWrite && isRecorded ->
		granted = oldAnswerToken; oldAnswerToken = 0; exchange = saving; submit(writeGrant) }
#endif
	:: d_step { up && oldAnswerToken != 0 -> oldAnswerToken = 0 }	/* finds another operation, is dropped */
	od
}

/* ---- The world. */

active proctype Crash() {
	mtype:answer kind;
	byte token;
end:	do
	:: atomic { up && crashes > 0 ->
		crashes--; up = false;
		if
		:: request == 0
#ifdef STRAGGLERS
		:: request != 0 && oldRequest == 0 -> oldRequest = request; isUnknown = (isUnknown || edit == noEdit)
#endif
		:: request != 0 -> isUnknown = (isUnknown || edit == noEdit)	/* never arrives */
		:: request != 0 ->					/* arrives, and is answered to nobody */
			isUnknown = (isUnknown || edit == noEdit);
			d_step { decide(request, kind, token); eaten(token); kind = noAnswer; token = 0 }
		fi;
		d_step {
			request = 0;
			eaten(answerToken);
			eaten(granted);
			if
			:: diskMark == markInFlight -> isUnknown = true; lateCredit = true
			:: else
			fi;
			isLateReplay = false;
			answer = noAnswer; answerToken = 0; oldAnswerToken = 0;
			write = noWrite; writeAfter = 0; result = noResult; edit = noEdit;
			exchange = none; trouble = healthy; generation = 0; granted = 0; published = 0; life = 0;
			isSent = false; sinceOpen = false; replays = 0; presentedLate = false; isSpaced = false;
			isCutOff = false
		} }
	od
}

active proctype User() {
end:	do
	:: d_step { up && edits > 0 && edit == noEdit && isRecorded && exchange != saving && exchange != unsaved ->
		/* ADD replace: the next generation, without a mark, from another login. */
		edits--; edit = replaced;
		newest[1] = 1; isLive[1] = true;
		diskToken = (1 << 3) + 1; diskGeneration++; diskLife = FRESH;
		diskMark = markAbsent; markGeneration = 0; diskReason = healthy;
		diskSinceOpen = false; diskReplays = 0; diskPresentedLate = false; diskIsSpaced = false;
		isUnknown = false; unknownOpen = false; lateCredit = false }
	:: d_step { up && edits > 0 && edit == noEdit && isRecorded && exchange != saving && exchange != unsaved ->
		edits--; edit = deleted;
		isRecorded = false; diskToken = 0; diskGeneration++; diskLife = 0;
		diskMark = markAbsent; markGeneration = 0; diskReason = healthy;
		diskSinceOpen = false; diskReplays = 0; diskPresentedLate = false; diskIsSpaced = false;
		isUnknown = false; unknownOpen = false; lateCredit = false;
		acknowledged = 0 }
	:: d_step { edits > 0 && isRecorded && isLive[FAMILY(diskToken)] ->
		edits--; isLive[FAMILY(diskToken)] = false; wasRevoked[FAMILY(diskToken)] = true }
	od
}

#ifdef PUNCTUAL
#define mayTick (up && write == noWrite && result == noResult && edit == noEdit && oldAnswerToken == 0 && request == 0 \
	&& answer == noAnswer && exchange == none && !isDue)
#else
#define mayTick true
#endif

active proctype Time() {
end:	do
	:: d_step { mayTick && oldRequest == 0 && (life > 0 || diskLife > 0 || windowOpen[0] || windowOpen[1] || sinceOpen
		|| diskSinceOpen || unknownOpen || (trouble == doubt && !isSpaced)
		|| (diskMark != markAbsent && !diskIsSpaced) || (isUnknown && !lateCredit)) ->
		life = (life > 0 -> life - 1 : 0);
		diskLife = (diskLife > 0 -> diskLife - 1 : 0);
		windowOpen[0] = false; windowOpen[1] = false;
		sinceOpen = false; diskSinceOpen = false; unknownOpen = false;
		isSpaced = (trouble == doubt);
		diskIsSpaced = (diskMark != markAbsent);
		lateCredit = (lateCredit || isUnknown) }
	od
}

#define isSettled (up && exchange == none && write == noWrite && result == noResult && edit == noEdit && request == 0 \
	&& oldRequest == 0 && (trouble == lostRotation || trouble == removed \
	|| (trouble == reauthorizationRequired && wasRevoked[FAMILY(diskToken)]) \
	|| (trouble == healthy && diskMark == markAbsent && diskIsTrue)))

active proctype End() {
	/* P6, and P1: whoever looks healthy is. `timeout` holds when nothing else can happen. */
	timeout -> assert(isSettled)
}

#ifdef WITNESS
/* So that nothing holds for want of cases: `pan` prints a line for each of these that happens. */
c_decl {
	static void saw(const char *what) {
		static const char *known[32];
		int n = 0;
		while (known[n] && known[n] != what) n++;
		if (!known[n]) { known[n] = what; printf("witness: %s\n", what); }
	}
}

active proctype Witness() {
end:	do
	:: d_step { trouble == reauthorizationRequired -> c_code { saw("login needed after a revocation"); } }
	:: d_step { trouble == lostRotation && diskMark == markRejected -> c_code { saw("lost rotation, kept on disk"); } }
	:: d_step { trouble == removed -> c_code { saw("removed"); } }
	:: d_step { trouble == doubt && isCutOff && request != 0 -> c_code { saw("replay after a crash"); } }
	:: d_step { isLateReplay && life == LATE -> c_code { saw("late replay before the token lapses"); } }
	:: d_step { isLateReplay && life == 0 && presentedLate && !isCutOff -> c_code { saw("spaced late replay"); } }
	:: d_step { exchange == unsaved && diskToken != granted -> c_code { saw("unsaved"); } }
	:: d_step { exchange == saving && result == gone && edit == noEdit -> c_code { saw("durable though reported failed"); } }
	:: d_step { exchange == saving && trouble == doubt && result == stored -> c_code { saw("doubt ended by a grant"); } }
	:: d_step { exchange == inFlight && !isSent && edit == replaced -> c_code { saw("overtaken by a login"); } }
	:: d_step { oldAnswerToken != 0 && edit == noEdit -> c_code { saw("late answer of an abandoned operation"); } }
	:: d_step { isOutOfTime && exchange == queued -> c_code { saw("window closed while queued"); } }
	:: d_step { generation == LAST_GENERATION && crashes == 0 && faults == 0 -> c_code { saw("all rotations despite faults"); } }
	:: d_step { exchange == saving && trouble == doubt && wasLost[FAMILY(diskToken)] -> c_code { saw("lost grant won back"); } }
	od
}
#endif
