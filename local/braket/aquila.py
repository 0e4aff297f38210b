"""QuEra Aquila's capabilities in Braket's form, without the exact figures."""

from typing import Any

_ERRORS_OF_SITES = ("filling", "vacancy")
_ODDS_OF_ATOMS = ("atomLoss", "atomCapture")
_ERRORS_OF_DETECTION = ("atomDetectionErrorFalsePositive", "atomDetectionErrorFalseNegative")
_TIMES = ("T1", "T2Star", "T2Echo", "T2Rabi", "T2BlockadedRabi")

AQUILA: dict[str, Any] = {
    "braketSchemaHeader": {"name": "braket.device_schema.quera.quera_ahs_paradigm_properties", "version": "1"},
    "qubitCount": 256,
    "lattice": {
        "area": {"width": "7.5e-05", "height": "7.6e-05"},
        "geometry": {
            "spacingRadialMin": "4e-06",
            "spacingVerticalMin": "4e-06",
            "positionResolution": "1e-07",
            "numberSitesMax": 256,
        },
    },
    "rydberg": {
        "c6Coefficient": "5.42e-24",
        "rydbergGlobal": {
            "rabiFrequencyRange": ["0.0", "15800000.0"],
            "rabiFrequencyResolution": "400.0",
            "rabiFrequencySlewRateMax": "400000000000000.0",
            "detuningRange": ["-125000000.0", "125000000.0"],
            "detuningResolution": "0.2",
            "detuningSlewRateMax": "6000000000000000.0",
            "phaseRange": ["-99.0", "99.0"],
            "phaseResolution": "5e-07",
            "timeResolution": "1e-09",
            "timeDeltaMin": "5e-08",
            "timeMin": "0.0",
            "timeMax": "4e-06",
        },
    },
    "performance": {
        "lattice": {
            "positionErrorAbs": "2e-07",
            "sitePositionError": "1e-07",
            "atomPositionError": "2e-07",
            **{f"{name}Error{how}": "0.01" for name in _ERRORS_OF_SITES for how in ("Typical", "Worst")},
            **{f"{name}Probability{how}": "0.01" for name in _ODDS_OF_ATOMS for how in ("Typical", "Worst")},
            **{f"{name}{how}": "0.01" for name in _ERRORS_OF_DETECTION for how in ("Typical", "Worst")},
        },
        "rydberg": {
            "rydbergGlobal": {
                "rabiFrequencyErrorRel": "0.02",
                "rabiFrequencyGlobalErrorRel": "0.005",
                "rabiFrequencyInhomogeneityRel": "0.02",
                "groundDetectionError": "0.05",
                "rydbergDetectionError": "0.1",
                "groundPrepError": "0.01",
                "rydbergPrepErrorBest": "0.05",
                "rydbergPrepErrorWorst": "0.07",
                **{f"{time}{what}": "5e-06" for time in _TIMES for what in ("Single", "Ensemble")},
                "detuningError": "1000000.0",
                "detuningInhomogeneity": "1000000.0",
                "rabiAmplitudeRampCorrection": [{"rampTime": "5e-08", "rabiCorrection": "0.92"}],
            },
        },
    },
}
