"""Golden cases of decoders of tokens, computed with PyTorch in double precision: python3 token_decoders.py > token_decoders.json

Each row is computed alone, step by step, so that no padding is involved. Parameters are those of the network under test, by name; their values follow from a
formula that the test knows. Gradients are stored as two directional derivatives for each parameter.
"""
import itertools
import json
import math

import torch

torch.set_default_dtype(torch.float64)
SOURCES = [[3, 1, 6, 2], [5], [4, 4, 1]]
END, START, VOCABULARY, SOURCE_VOCABULARY = 6, 7, 8, 7
TARGETS = [[2, 5, END], [1, 3, 0, 4, END], [4, END]]
EMBEDDING, HIDDEN, ENCODER_HIDDEN, UNITS, SMOOTHING = 5, 6, 3, 4, 0.1


class Parameters(dict):
    """Creates parameters when they are asked for."""

    def get(self, name, *shape):
        if name not in self:
            phase = sum(name.encode()) % 63 * 0.1
            count = math.prod(shape)
            values = torch.tensor([0.6 * math.sin(0.9 * i + phase) for i in range(count)]).float().double()
            self[name] = values.reshape(shape).requires_grad_()
        return self[name]


def cell(p, name, suffix, kind, x, state, size):
    gates = 4 if kind == "Lstm" else 3
    weights = (p.get(f"{name}.weight_ih{suffix}", gates * size, x.shape[-1]), p.get(f"{name}.weight_hh{suffix}", gates * size, size),
               p.get(f"{name}.bias_ih{suffix}", gates * size), p.get(f"{name}.bias_hh{suffix}", gates * size))
    x = x[None]
    if kind == "Lstm":
        h, c = torch.lstm_cell(x, [state[0][None], state[1][None]], *weights)
        return h[0], c[0]
    return torch.gru_cell(x, state[0][None], *weights)[0], None


def encode(p, case, source):
    steps = [p.get("embedding.weight", SOURCE_VOCABULARY, 4)[token] for token in source]
    size = ENCODER_HIDDEN if case["bidirectional"] else HIDDEN
    ends = []
    for layer in range(1, case["layers"] + 1):
        name, outputs, finals = f"encoder_{layer}", [], []
        for suffix in ["", "_reverse"] if case["bidirectional"] else [""]:
            state, all_h = (torch.zeros(size), torch.zeros(size)), []
            for x in reversed(steps) if suffix else steps:
                state = cell(p, name, suffix, case["cell"], x, state, size)
                all_h.append(state[0])
            outputs.append(list(reversed(all_h)) if suffix else all_h)
            finals.append(state)
        steps = [torch.cat(parts) for parts in zip(*outputs)]
        ends.append(finals)
    return torch.stack(steps), ends


def begin(p, case, ends):
    states = []
    for layer in range(1, case["layers"] + 1):
        finals, name = ends[layer - 1], f"decoder_{layer}"
        if not case["bidirectional"]:
            states.append(finals[0])
            continue
        h = torch.cat([state[0] for state in finals])
        first = torch.tanh(p.get(f"{name}_bridge_h.weight", HIDDEN, len(h)) @ h + p.get(f"{name}_bridge_h.bias", HIDDEN))
        second = None
        if case["cell"] == "Lstm":
            c = torch.cat([state[1] for state in finals])
            second = p.get(f"{name}_bridge_c.weight", HIDDEN, len(c)) @ c + p.get(f"{name}_bridge_c.bias", HIDDEN)
        states.append((first, second))
    return states


def attend(p, case, query, encoded):
    features = encoded.shape[1]
    if case["attention"] == "Dot":
        scores = encoded @ query
    elif case["attention"] == "General":
        scores = encoded @ (p.get("decoder_attention.weight", features, HIDDEN) @ query)
    else:
        hidden = torch.tanh(p.get("decoder_attention.weight_query", UNITS, HIDDEN) @ query + encoded @ p.get("decoder_attention.weight_key", UNITS, features).T)
        scores = hidden @ p.get("decoder_attention.score", 1, UNITS)[0]
    weights = torch.softmax(scores, 0)
    return weights, weights @ encoded


def decode(p, case, source, target):
    encoded, ends = encode(p, case, source)
    states, fed, logits, attention = begin(p, case, ends), torch.zeros(HIDDEN), [], []
    for token in [START] + target[:-1]:
        x = p.get("decoder_embedding.weight", VOCABULARY, EMBEDDING)[token]
        if case["feeding"]:
            x = torch.cat([x, fed])
        for layer in range(case["layers"]):
            states[layer] = cell(p, f"decoder_{layer + 1}", "", case["cell"], x, states[layer], HIDDEN)
            x = states[layer][0]
        if case["attention"]:
            weights, context = attend(p, case, x, encoded)
            x = torch.tanh(p.get("decoder_combine.weight", HIDDEN, HIDDEN + len(context)) @ torch.cat([x, context]) + p.get("decoder_combine.bias", HIDDEN))
            fed = x
            attention.append(weights)
        if case["tied"]:
            x = p.get("decoder_projection.weight", EMBEDDING, HIDDEN) @ x + p.get("decoder_projection.bias", EMBEDDING)
        head = p["decoder_embedding.weight"] if case["tied"] else p.get("head.weight", VOCABULARY, HIDDEN)
        logits.append(head @ x + p.get("head.bias", VOCABULARY))
    return torch.stack(logits), attention


def numbers(values):
    return [float(f"{value:.9g}") for value in values]


def run(case):
    p = Parameters()
    results = [decode(p, case, source, target) for source, target in zip(SOURCES, TARGETS)]
    logits, targets = torch.cat([r[0] for r in results]), torch.tensor(sum(TARGETS, []))
    plain = torch.nn.functional.cross_entropy(logits, targets)
    smoothed = torch.nn.functional.cross_entropy(logits, targets, label_smoothing=SMOOTHING)
    smoothed.backward()
    gradients = {}
    for name, parameter in sorted(p.items()):
        slopes = parameter.grad.reshape(-1)
        first, second = ([f(i) for i in range(len(slopes))] for f in (lambda i: math.cos(0.7 * i), lambda i: math.sin(1.1 * i + 0.3)))
        gradients[name] = numbers([(slopes * torch.tensor(first)).sum(), (slopes * torch.tensor(second)).sum(), slopes.norm()])
    return {**case, "loss": float(plain), "smoothed": float(smoothed), "logits": [numbers(r[0].reshape(-1)) for r in results],
            "weights": [numbers(torch.stack(r[1]).reshape(-1)) if r[1] else [] for r in results], "gradients": gradients}


def cases():
    for kind, layers, tied in itertools.product(["Lstm", "Gru"], [1, 2], [False, True]):
        for attention, feeding in [("", False)] + list(itertools.product(["Dot", "General", "Additive"], [False, True])):
            yield dict(cell=kind, layers=layers, tied=tied, attention=attention, feeding=feeding, bidirectional=True)
    for kind, attention in itertools.product(["Lstm", "Gru"], ["", "Dot", "General", "Additive"]):
        yield dict(cell=kind, layers=2, tied=False, attention=attention, feeding=attention == "General", bidirectional=False)


print("[\n" + ",\n".join(json.dumps(run(case)) for case in cases()) + "\n]")
